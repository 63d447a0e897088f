// SPDX-License-Identifier: Apache-2.0
// Sums of tensors on a Cortex-M with DSP instructions, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/add.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool additions_are_exact(fast_cases::Random& random) {
  return fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::dsp::add(arguments...); },
             [](auto... arguments) { quench::kernels::add(arguments...); }) &&
         fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::dsp::sub(arguments...); },
             [](auto... arguments) { quench::kernels::sub(arguments...); });
}
#endif
