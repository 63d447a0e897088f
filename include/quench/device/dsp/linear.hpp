// SPDX-License-Identifier: Apache-2.0
// A linear layer of int8 codes with DSP instructions: four outputs at a time. Freestanding.
#pragma once

#include <quench/device/dsp/dot.hpp>
#include <quench/kernels/linear.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// kernels::linear, bit for bit.
template <class Y>
void linear(const std::int8_t* x, const std::int8_t* w, Y* y, const kernels::LinearLayer& layer,
            const kernels::OutputChannels& output) {
  const int features = layer.in_features, filters = layer.out_features;
  if (filters < 4) return kernels::linear(x, w, y, layer, output);
  Patch patch;
  patch.rows = patch.runs = 1;
  patch.length = features;
  for (int row = 0; row < layer.rows; ++row)
    dot_patch(x + row * features, w, y + row * filters, filters, features, patch, output, 0);
  clamp_codes(y, layer.rows * filters, output.low, output.high);
}

}  // namespace quench::device::dsp

#endif
