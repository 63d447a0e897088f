// SPDX-License-Identifier: Apache-2.0
// Pools on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/pooling.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool pools_are_exact(fast_cases::Random& random) {
  return fast_cases::check_pool(
      random, [](auto... arguments) { quench::device::rvv::max_pool2d(arguments...); },
      [](auto... arguments) { quench::device::rvv::avg_pool2d(arguments...); });
}
#endif
