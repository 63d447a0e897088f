// SPDX-License-Identifier: Apache-2.0
// Sums of products with DSP instructions. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/dot.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool sums_are_exact(fast_cases::Random& random) {
  const int length = random.in(1, 100), filters = random.in(4, 20);
  const fast_cases::Operands of(random, length, filters * length, filters);
  const quench::kernels::OutputChannels output{.bias = of.bias};
  quench::device::Patch patch;
  patch.rows = patch.runs = 1;
  patch.length = length;
  return fast_cases::agree<std::int32_t>(
      random, filters,
      [&](std::int32_t* y) { quench::device::dsp::dot_patch(of.x, of.w, y, filters, length, patch, output, 0); },
      [&](std::int32_t* y) {
        for (int k = 0; k < filters; ++k) {
          y[k] = of.bias[k];
          for (int i = 0; i < length; ++i) y[k] += of.x[i] * of.w[k * length + i];
        }
      });
}
#endif
