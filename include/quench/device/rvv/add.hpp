// SPDX-License-Identifier: Apache-2.0
// Sum and difference of tensors of one type and shape on a RISC-V with vectors. Freestanding.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/kernels/add.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// y[i] = sum(a[i], b[i]).
template <class X, class Y>
void add_codes(const X* a, const X* b, Y* y, int elements, const kernels::WeightedSum<Y>& sum) {
  const Bounds<Y> bounds(sum.low, sum.high);
  const std::int32_t first = sum.first, second = sum.second;
  const Requantization record = sum.requantization;
  set_round_half_up();
  for (std::size_t left = size(elements); left > 0;) {
    const std::size_t count = __riscv_vsetvl_e16m4(left);
    vint32m8_t acc = __riscv_vmul_vx_i32m8(load_wide(a, count), first, count);
    acc = __riscv_vmacc_vx_i32m8(acc, second, load_wide(b, count), count);
    store_clamped(y, scaled(acc, record, count), bounds, count);
    a += count, b += count, y += count, left -= count;
  }
}

/// kernels::add, bit for bit.
template <class X, class Y>
void add(const X* a, const Shape& a_shape, const X* b, const Shape& b_shape, Y* y, const kernels::Addition& addition) {
  if (a_shape == b_shape) return add_codes<X, Y>(a, b, y, a_shape.elements(), {addition, 1});
  kernels::add(a, a_shape, b, b_shape, y, addition);
}

/// kernels::sub, bit for bit.
template <class X, class Y>
void sub(const X* a, const Shape& a_shape, const X* b, const Shape& b_shape, Y* y, const kernels::Addition& addition) {
  if (a_shape == b_shape) return add_codes<X, Y>(a, b, y, a_shape.elements(), {addition, -1});
  kernels::sub(a, a_shape, b, b_shape, y, addition);
}

}  // namespace quench::device::rvv

#endif
