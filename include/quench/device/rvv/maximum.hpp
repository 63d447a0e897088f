// SPDX-License-Identifier: Apache-2.0
// The larger, or the smaller, of tensors of one type and shape on a RISC-V with vectors. Freestanding.
//
// Values are compared before they saturate to the type of y, which changes no result: saturation keeps their order.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/kernels/maximum.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// Codes at another scale or at the same.
template <class X>
[[gnu::always_inline]] inline vint16m4_t rescaled(const X* x, Requantization record, bool is_same, std::size_t count) {
  const vint32m8_t codes = load_wide(x, count);
  return is_same ? __riscv_vncvt_x_x_w_i16m4(codes, count) : scaled(codes, record, count);
}

/// y[i] = max(a[i], b[i]), or min, of rescaled codes.
template <bool IsMaximum, class X, class Y>
void compare_codes(const X* a, const X* b, Y* y, int elements, kernels::Comparison comparison) {
  const bool is_a_same = comparison.a == kernels::same_scale, is_b_same = comparison.b == kernels::same_scale;
  const Bounds<Y> bounds(INT32_MIN, INT32_MAX);
  set_round_half_up();
  for (std::size_t left = size(elements); left > 0;) {
    const std::size_t count = __riscv_vsetvl_e16m4(left);
    const vint16m4_t p = rescaled(a, comparison.a, is_a_same, count), q = rescaled(b, comparison.b, is_b_same, count);
    if constexpr (IsMaximum)
      store_clamped(y, __riscv_vmax_vv_i16m4(p, q, count), bounds, count);
    else
      store_clamped(y, __riscv_vmin_vv_i16m4(p, q, count), bounds, count);
    a += count, b += count, y += count, left -= count;
  }
}

/// kernels::maximum, bit for bit.
template <class X, class Y>
void maximum(const X* a, const Shape& a_shape, const X* b, const Shape& b_shape, Y* y,
             const kernels::Comparison& comparison) {
  if (a_shape == b_shape) return compare_codes<true>(a, b, y, a_shape.elements(), comparison);
  kernels::maximum(a, a_shape, b, b_shape, y, comparison);
}

/// kernels::minimum, bit for bit.
template <class X, class Y>
void minimum(const X* a, const Shape& a_shape, const X* b, const Shape& b_shape, Y* y,
             const kernels::Comparison& comparison) {
  if (a_shape == b_shape) return compare_codes<false>(a, b, y, a_shape.elements(), comparison);
  kernels::minimum(a, a_shape, b, b_shape, y, comparison);
}

}  // namespace quench::device::rvv

#endif
