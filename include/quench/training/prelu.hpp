// SPDX-License-Identifier: Apache-2.0
// PReLU in float, forward and backward. Gradients of slopes are summed in double.
#pragma once

#include <cstddef>
#include <vector>

#include <quench/training/operand.hpp>

namespace quench::training {

/// x where x > 0, weight * x elsewhere. NaN stays NaN.
inline void prelu_forward(const Call& call, const LayerParameters& p) {
  const int slopes = call.settings().in_channels;
  for (std::ptrdiff_t row = 0; row < call.size(); row += slopes)
    for (int c = 0; c < slopes; ++c) {
      const float x = call.x[0].values[row + c];
      call.y.values[row + c] = x > 0 ? x : p.weight[c] * x;
    }
}

/// At 0 the slope is the weight, as in PyTorch.
inline void prelu_backward(const Call& call, const LayerParameters& p) {
  const int slopes = call.settings().in_channels;
  std::vector<double> sums(static_cast<std::size_t>(slopes));
  for (std::ptrdiff_t row = 0; row < call.size(); row += slopes)
    for (int c = 0; c < slopes; ++c) {
      const float x = call.x[0].values[row + c], gy = call.y.gradient[row + c];
      if (call.x[0].gradient != nullptr) call.x[0].gradient[row + c] += x > 0 ? gy : p.weight[c] * gy;
      if (!(x > 0)) sums[static_cast<std::size_t>(c)] += static_cast<double>(x) * static_cast<double>(gy);
    }
  if (p.weight_gradient == nullptr) return;
  for (int c = 0; c < slopes; ++c) p.weight_gradient[c] += static_cast<float>(sums[static_cast<std::size_t>(c)]);
}

}  // namespace quench::training
