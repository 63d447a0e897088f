// SPDX-License-Identifier: Apache-2.0
// Pools on a Cortex-M with DSP instructions, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/pooling.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool pools_are_exact(fast_cases::Random& random) {
  return fast_cases::check_pool(
      random, [](auto... arguments) { quench::device::dsp::max_pool2d(arguments...); },
      [](auto... arguments) { quench::device::dsp::avg_pool2d(arguments...); });
}
#endif
