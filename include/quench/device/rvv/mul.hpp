// SPDX-License-Identifier: Apache-2.0
// Product of tensors of one type and shape on a RISC-V with vectors. Freestanding.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/kernels/mul.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

[[gnu::always_inline]] inline vint32m8_t products(const std::int8_t* a, const std::int8_t* b, std::size_t count) {
  const vint16m4_t of_codes =
      __riscv_vwmul_vv_i16m4(__riscv_vle8_v_i8m2(a, count), __riscv_vle8_v_i8m2(b, count), count);
  return __riscv_vsext_vf2_i32m8(of_codes, count);
}
[[gnu::always_inline]] inline vint32m8_t products(const std::int16_t* a, const std::int16_t* b, std::size_t count) {
  return __riscv_vwmul_vv_i32m8(__riscv_vle16_v_i16m4(a, count), __riscv_vle16_v_i16m4(b, count), count);
}

/// kernels::mul, bit for bit.
template <class X, class Y>
void mul(const X* a, const Shape& a_shape, const X* b, const Shape& b_shape, Y* y,
         const Requantization& requantization) {
  if (a_shape != b_shape) return kernels::mul(a, a_shape, b, b_shape, y, requantization);
  const Requantization record = requantization;
  const Bounds<Y> bounds(INT32_MIN, INT32_MAX);
  set_round_half_up();
  for (std::size_t left = size(a_shape.elements()); left > 0;) {
    const std::size_t count = __riscv_vsetvl_e16m4(left);
    store_clamped(y, scaled(products(a, b, count), record, count), bounds, count);
    a += count, b += count, y += count, left -= count;
  }
}

}  // namespace quench::device::rvv

#endif
