// SPDX-License-Identifier: Apache-2.0
// Embedding in float, forward and backward.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <quench/training/operand.hpp>

namespace quench::training {

/// The row of each index.
/// Errors   none: the batch was checked for indices that name no row
inline void embedding_forward(const Call& call, const LayerParameters& p) {
  const std::ptrdiff_t size = call.settings().out_channels, count = call.size() / size;
  for (std::ptrdiff_t i = 0; i < count; ++i)
    std::copy_n(p.weight + call.x[0].indices[i] * size, size, call.y.values + i * size);
}

/// Each row receives the sum of the gradients of all its places. The row of `padding_idx` receives none.
inline void embedding_backward(const Call& call, const LayerParameters& p) {
  if (p.weight_gradient == nullptr) return;
  const Settings& s = call.settings();
  const std::ptrdiff_t size = s.out_channels, count = call.size() / size;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const std::int32_t row = call.x[0].indices[i];
    if (s.axis_count > 0 && row == s.axes[0]) continue;
    float* to = p.weight_gradient + row * size;
    for (std::ptrdiff_t c = 0; c < size; ++c) to[c] += call.y.gradient[i * size + c];
  }
}

}  // namespace quench::training
