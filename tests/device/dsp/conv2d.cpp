// SPDX-License-Identifier: Apache-2.0
// Convolutions on a Cortex-M with DSP instructions, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/conv2d.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool convolutions_are_exact(fast_cases::Random& random) {
  const quench::kernels::Convolution conv = fast_cases::random_convolution(random, random.once_in(4));
  return fast_cases::check_convolution(random, conv,
                                       [](auto... arguments) { quench::device::dsp::conv2d(arguments...); });
}
#endif
