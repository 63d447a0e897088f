// SPDX-License-Identifier: Apache-2.0
// Product of int8 tensors of one shape on a RISC-V with vectors. Freestanding.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/kernels/mul.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// kernels::mul, bit for bit.
inline void mul(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape, std::int8_t* y,
                const Requantization& requantization) {
  if (a_shape != b_shape) return kernels::mul(a, a_shape, b, b_shape, y, requantization);
  const Requantization record = requantization;
  const Bounds<std::int8_t> bounds(INT32_MIN, INT32_MAX);
  set_round_half_up();
  for (std::size_t left = size(a_shape.elements()); left > 0;) {
    const std::size_t count = __riscv_vsetvl_e8m2(left);
    const vint8m2_t p = __riscv_vle8_v_i8m2(a, count), q = __riscv_vle8_v_i8m2(b, count);
    const vint32m8_t product = __riscv_vsext_vf2_i32m8(__riscv_vwmul_vv_i16m4(p, q, count), count);
    store_clamped(y, scaled(product, record, count), bounds, count);
    a += count, b += count, y += count, left -= count;
  }
}

}  // namespace quench::device::rvv

#endif
