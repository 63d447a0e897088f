// SPDX-License-Identifier: Apache-2.0
// Products of tensors on a Cortex-M with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/mve/mul.hpp>

#if defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool products_are_exact(fast_cases::Random& random) {
  return fast_cases::check_product(
      random, [](auto... arguments) { quench::device::mve::mul(arguments...); },
      [](auto... arguments) { quench::kernels::mul(arguments...); });
}
#endif
