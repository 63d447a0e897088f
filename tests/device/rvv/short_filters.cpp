// SPDX-License-Identifier: Apache-2.0
// Convolutions with short filters on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an
// emulator.
#include <quench/device/rvv/short_filters.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool short_filters_are_exact(fast_cases::Random& random) {
  quench::kernels::Convolution conv = fast_cases::random_convolution(random, false);
  while (!quench::device::rvv::has_short_filters(conv)) conv = fast_cases::random_convolution(random, false);
  const auto fast = [](auto... arguments) { quench::device::rvv::conv2d_short(arguments...); };
  return fast_cases::check_convolution(random, conv, fast) &&
         fast_cases::check_convolution<std::int16_t>(random, conv, fast);
}
#endif
