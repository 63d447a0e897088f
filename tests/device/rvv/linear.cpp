// SPDX-License-Identifier: Apache-2.0
// Linear layers on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/linear.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool linear_layers_are_exact(fast_cases::Random& random) {
  const auto fast = [](auto... arguments) { quench::device::rvv::linear(arguments...); };
  return fast_cases::check_linear(random, fast) && fast_cases::check_linear<std::int16_t>(random, fast);
}
#endif
