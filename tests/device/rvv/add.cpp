// SPDX-License-Identifier: Apache-2.0
// Sums of tensors on a RISC-V with vectors, against kernels/. tests/bare_metal/fast_kernels.cpp runs it in an emulator.
#include <quench/device/rvv/add.hpp>

#if defined(__riscv_v_intrinsic)
#include "device/fast_cases.hpp"

// Of int16 operands of one shape, the second after the first one.
template <class Y>
bool wide_additions_agree(fast_cases::Random& random) {
  const quench::Shape shape(random.in(1, 300));
  const fast_cases::OperandsOf<std::int16_t> of(random, 2 * shape.elements(), 1, 1);
  const std::int16_t* const b = of.x + shape.elements();
  const quench::kernels::Addition addition{.shift = static_cast<std::uint8_t>(random.in(0, 14)),
                                           .multiplier = static_cast<std::int16_t>(random.in(0, 16383)),
                                           .second_is_larger = random.once_in(2),
                                           .requantization = of.records[0]};
  return fast_cases::agree<Y>(
             random, shape.elements(), [&](Y* y) { quench::device::rvv::add(of.x, shape, b, shape, y, addition); },
             [&](Y* y) { quench::kernels::add(of.x, shape, b, shape, y, addition); }) &&
         fast_cases::agree<Y>(
             random, shape.elements(), [&](Y* y) { quench::device::rvv::sub(of.x, shape, b, shape, y, addition); },
             [&](Y* y) { quench::kernels::sub(of.x, shape, b, shape, y, addition); });
}

bool additions_are_exact(fast_cases::Random& random) {
  return fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::rvv::add(arguments...); },
             [](auto... arguments) { quench::kernels::add(arguments...); }) &&
         fast_cases::check_addition(
             random, [](auto... arguments) { quench::device::rvv::sub(arguments...); },
             [](auto... arguments) { quench::kernels::sub(arguments...); }) &&
         wide_additions_agree<std::int8_t>(random) && wide_additions_agree<std::int16_t>(random);
}
#endif
