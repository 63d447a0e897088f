// SPDX-License-Identifier: Apache-2.0
// Sums of tensors on a Cortex-M with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it on a board.
#include <quench/device/mve/add.hpp>

#if defined(__ARM_FEATURE_MVE)
#include "device/fast_cases.hpp"

bool additions_are_exact(fast_cases::Random& random) {
  return fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::mve::add(arguments...); },
             [](auto... arguments) { quench::kernels::add(arguments...); }) &&
         fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::mve::sub(arguments...); },
             [](auto... arguments) { quench::kernels::sub(arguments...); });
}
#endif
