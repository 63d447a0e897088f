// SPDX-License-Identifier: Apache-2.0
// Sum and difference of int8 tensors of one shape on a RISC-V with vectors. Freestanding.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/kernels/add.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// y[i] = sum(a[i], b[i]).
inline void add_codes(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int elements,
                      const kernels::WeightedSum<std::int8_t>& sum) {
  const Bounds<std::int8_t> bounds(sum.low, sum.high);
  const std::int32_t first = sum.first, second = sum.second;
  const Requantization record = sum.requantization;
  set_round_half_up();
  for (std::size_t left = size(elements); left > 0;) {
    const std::size_t count = __riscv_vsetvl_e8m2(left);
    vint32m8_t acc = __riscv_vsext_vf4_i32m8(__riscv_vle8_v_i8m2(a, count), count);
    acc = __riscv_vmul_vx_i32m8(acc, first, count);
    acc = __riscv_vmacc_vx_i32m8(acc, second, __riscv_vsext_vf4_i32m8(__riscv_vle8_v_i8m2(b, count), count), count);
    store_clamped(y, scaled(acc, record, count), bounds, count);
    a += count, b += count, y += count, left -= count;
  }
}

/// kernels::add, bit for bit.
inline void add(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape, std::int8_t* y,
                const kernels::Addition& addition) {
  if (a_shape == b_shape) return add_codes(a, b, y, a_shape.elements(), {addition, 1});
  kernels::add(a, a_shape, b, b_shape, y, addition);
}

/// kernels::sub, bit for bit.
inline void sub(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape, std::int8_t* y,
                const kernels::Addition& addition) {
  if (a_shape == b_shape) return add_codes(a, b, y, a_shape.elements(), {addition, -1});
  kernels::sub(a, a_shape, b, b_shape, y, addition);
}

}  // namespace quench::device::rvv

#endif
