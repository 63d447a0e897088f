// SPDX-License-Identifier: Apache-2.0
// Convolutions on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/conv2d.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool convolutions_are_exact(fast_cases::Random& random) {
  const quench::kernels::Convolution conv = fast_cases::random_convolution(random, random.once_in(4));
  const auto fast = [](auto... arguments) { quench::device::rvv::conv2d(arguments...); };
  return fast_cases::check_convolution(random, conv, fast) &&
         fast_cases::check_convolution<std::int16_t>(random, conv, fast);
}
#endif
