// SPDX-License-Identifier: Apache-2.0
// Sums of tensors on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/add.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool additions_are_exact(fast_cases::Random& random) {
  return fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::rvv::add(arguments...); },
             [](auto... arguments) { quench::kernels::add(arguments...); }) &&
         fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::rvv::sub(arguments...); },
             [](auto... arguments) { quench::kernels::sub(arguments...); });
}
#endif
