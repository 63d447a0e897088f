// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/depthwise.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool depthwise_convolutions_are_exact(fast_cases::Random& random) {
  quench::kernels::Convolution conv = fast_cases::random_convolution(random, true);
  while (!quench::device::rvv::is_fast_depthwise(conv)) conv = fast_cases::random_convolution(random, true);
  const auto fast = [](auto... arguments) { quench::device::rvv::depthwise(arguments...); };
  return fast_cases::check_convolution(random, conv, fast) &&
         fast_cases::check_convolution<std::int16_t>(random, conv, fast);
}
#endif
