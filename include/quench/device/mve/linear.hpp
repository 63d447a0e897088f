// SPDX-License-Identifier: Apache-2.0
// A linear layer of int8 codes on a Cortex-M with vectors: four outputs at a time. Freestanding.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/device/mve/dot.hpp>
#include <quench/kernels/linear.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// kernels::linear, bit for bit.
template <class Y>
void linear(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::LinearLayer& layer,
            const kernels::OutputChannels& output) {
  const int features = layer.in_features, filters = layer.out_features;
  if (filters < 4) return kernels::linear(x, w, y, layer, output);
  for (int row = 0; row < layer.rows; ++row, x += features, y += filters)
    dot_run(x, w, y, filters, features, output, 0);
}

}  // namespace quench::device::mve

#endif
