// SPDX-License-Identifier: Apache-2.0
// Products of tensors on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/mul.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool products_are_exact(fast_cases::Random& random) {
  const quench::Shape a(random.in(1, 5), random.in(1, 9), random.in(1, 9));
  quench::Shape b = a;
  if (random.once_in(4)) b[random.in(0, 2)] = 1;
  const fast_cases::Operands of(random, a.elements(), b.elements(), 1);
  return fast_cases::agree<std::int8_t>(
      random, a.elements(), [&](auto* y) { quench::device::rvv::mul(of.x, a, of.w, b, y, of.records[0]); },
      [&](auto* y) { quench::kernels::mul(of.x, a, of.w, b, y, of.records[0]); });
}
#endif
