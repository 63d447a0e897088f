// SPDX-License-Identifier: Apache-2.0
// Products of tensors on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/mul.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

template <class X, class Y>
bool products_agree(fast_cases::Random& random) {
  const quench::Shape a(random.in(1, 5), random.in(1, 9), random.in(1, 9));
  quench::Shape b = a;
  if (random.once_in(4)) b[random.in(0, 2)] = 1;
  // The second operand lies after the first one.
  const fast_cases::OperandsOf<X> of(random, a.elements() + b.elements(), 1, 2);
  const X* const b_codes = of.x + a.elements();
  return fast_cases::agree<Y>(
      random, a.elements(), [&](Y* y) { quench::device::rvv::mul(of.x, a, b_codes, b, y, of.records[0]); },
      [&](Y* y) { quench::kernels::mul(of.x, a, b_codes, b, y, of.records[0]); });
}

bool products_are_exact(fast_cases::Random& random) {
  return products_agree<std::int8_t, std::int8_t>(random) && products_agree<std::int16_t, std::int8_t>(random) &&
         products_agree<std::int16_t, std::int16_t>(random) &&
         fast_cases::check_product(
             random, [](auto... arguments) { quench::device::rvv::mul(arguments...); },
             [](auto... arguments) { quench::kernels::mul(arguments...); });
}
#endif
