// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions on a Cortex-M with DSP instructions, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/depthwise.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool depthwise_convolutions_are_exact(fast_cases::Random& random) {
  quench::kernels::Convolution conv = fast_cases::random_convolution(random, true);
  while (!quench::device::dsp::is_fast_depthwise(conv)) conv = fast_cases::random_convolution(random, true);
  return fast_cases::check_convolution(random, conv, []<class Y>(auto* x, auto* w, Y* y, auto& layer, auto& output) {
    if constexpr (std::is_same_v<Y, std::int32_t>)
      quench::kernels::conv2d(x, w, y, layer, output);
    else
      quench::device::dsp::depthwise(x, w, y, layer, output);
  });
}
#endif
