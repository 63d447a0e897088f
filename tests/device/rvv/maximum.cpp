// SPDX-License-Identifier: Apache-2.0
// Maxima and minima of tensors on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/maximum.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

template <class X, class Y>
bool maxima_agree(fast_cases::Random& random) {
  const quench::Shape a(random.in(1, 5), random.in(1, 9), random.in(1, 9));
  quench::Shape b = a;
  if (random.once_in(4)) b[random.in(0, 2)] = 1;
  // The second operand lies after the first one.
  const fast_cases::OperandsOf<X> of(random, a.elements() + b.elements(), 1, 2);
  const X* const b_codes = of.x + a.elements();
  quench::kernels::Comparison comparison;
  if (random.once_in(2)) comparison.a = of.records[0];
  if (random.once_in(2)) comparison.b = of.records[1];
  return fast_cases::agree<Y>(
             random, a.elements(), [&](Y* y) { quench::device::rvv::maximum(of.x, a, b_codes, b, y, comparison); },
             [&](Y* y) { quench::kernels::maximum(of.x, a, b_codes, b, y, comparison); }) &&
         fast_cases::agree<Y>(
             random, a.elements(), [&](Y* y) { quench::device::rvv::minimum(of.x, a, b_codes, b, y, comparison); },
             [&](Y* y) { quench::kernels::minimum(of.x, a, b_codes, b, y, comparison); });
}

bool maxima_are_exact(fast_cases::Random& random) {
  return maxima_agree<std::int8_t, std::int8_t>(random) && maxima_agree<std::int16_t, std::int8_t>(random) &&
         maxima_agree<std::int16_t, std::int16_t>(random) &&
         fast_cases::check_comparison(
             random, [](auto... arguments) { quench::device::rvv::maximum(arguments...); },
             [](auto... arguments) { quench::kernels::maximum(arguments...); }) &&
         fast_cases::check_comparison(
             random, [](auto... arguments) { quench::device::rvv::minimum(arguments...); },
             [](auto... arguments) { quench::kernels::minimum(arguments...); });
}
#endif
