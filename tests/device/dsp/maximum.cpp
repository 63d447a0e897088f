// SPDX-License-Identifier: Apache-2.0
// Maxima and minima of tensors on a Cortex-M with DSP instructions, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/maximum.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool maxima_are_exact(fast_cases::Random& random) {
  return fast_cases::check_comparison(
             random, [](auto... arguments) { quench::device::dsp::maximum(arguments...); },
             [](auto... arguments) { quench::kernels::maximum(arguments...); }) &&
         fast_cases::check_comparison(
             random, [](auto... arguments) { quench::device::dsp::minimum(arguments...); },
             [](auto... arguments) { quench::kernels::minimum(arguments...); });
}
#endif
