// SPDX-License-Identifier: Apache-2.0
// Maxima and minima of tensors on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/maximum.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

bool maxima_are_exact(fast_cases::Random& random) {
  const quench::Shape a(random.in(1, 5), random.in(1, 9), random.in(1, 9));
  quench::Shape b = a;
  if (random.once_in(4)) b[random.in(0, 2)] = 1;
  const fast_cases::Operands of(random, a.elements(), b.elements(), 2);
  quench::kernels::Comparison comparison;
  if (random.once_in(2)) comparison.a = of.records[0];
  if (random.once_in(2)) comparison.b = of.records[1];
  return fast_cases::agree<std::int8_t>(
             random, a.elements(), [&](auto* y) { quench::device::rvv::maximum(of.x, a, of.w, b, y, comparison); },
             [&](auto* y) { quench::kernels::maximum(of.x, a, of.w, b, y, comparison); }) &&
         fast_cases::agree<std::int8_t>(
             random, a.elements(), [&](auto* y) { quench::device::rvv::minimum(of.x, a, of.w, b, y, comparison); },
             [&](auto* y) { quench::kernels::minimum(of.x, a, of.w, b, y, comparison); });
}
#endif
