// SPDX-License-Identifier: Apache-2.0
// Products of tensors on a Cortex-M with DSP instructions, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/dsp/mul.hpp>

#if defined(__ARM_FEATURE_DSP) && !defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool products_are_exact(fast_cases::Random& random) {
  return fast_cases::check_product(
      random, [](auto... arguments) { quench::device::dsp::mul(arguments...); },
      [](auto... arguments) { quench::kernels::mul(arguments...); });
}
#endif
