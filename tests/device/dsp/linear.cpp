// SPDX-License-Identifier: Apache-2.0
// Linear layers on a Cortex-M with DSP instructions, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/linear.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool linear_layers_are_exact(fast_cases::Random& random) {
  return fast_cases::check_linear(random, [](auto... arguments) { quench::device::dsp::linear(arguments...); });
}
#endif
