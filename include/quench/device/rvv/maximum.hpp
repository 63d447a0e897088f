// SPDX-License-Identifier: Apache-2.0
// The larger, or the smaller, of int8 tensors of one shape on a RISC-V with vectors. Freestanding.
//
// Values are compared before they saturate to int8, which changes no result: saturation keeps their order.
#pragma once

#include <quench/device/rvv/codes.hpp>
#include <quench/kernels/maximum.hpp>

#if defined(__riscv_v_intrinsic) && __riscv_v_intrinsic >= 11000 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

namespace quench::device::rvv {

/// Codes at another scale or at the same.
[[gnu::always_inline]] inline vint16m4_t rescaled(const std::int8_t* x, Requantization record, bool is_same,
                                                  std::size_t count) {
  const vint8m2_t codes = __riscv_vle8_v_i8m2(x, count);
  if (is_same) return __riscv_vsext_vf2_i16m4(codes, count);
  return scaled(__riscv_vsext_vf4_i32m8(codes, count), record, count);
}

/// y[i] = max(a[i], b[i]), or min, of rescaled codes.
template <bool IsMaximum>
void compare_codes(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int elements,
                   kernels::Comparison comparison) {
  const bool is_a_same = comparison.a == kernels::same_scale, is_b_same = comparison.b == kernels::same_scale;
  const Bounds<std::int8_t> bounds(INT32_MIN, INT32_MAX);
  set_round_half_up();
  for (std::size_t left = size(elements); left > 0;) {
    const std::size_t count = __riscv_vsetvl_e8m2(left);
    const vint16m4_t p = rescaled(a, comparison.a, is_a_same, count), q = rescaled(b, comparison.b, is_b_same, count);
    if constexpr (IsMaximum)
      store_clamped(y, __riscv_vmax_vv_i16m4(p, q, count), bounds, count);
    else
      store_clamped(y, __riscv_vmin_vv_i16m4(p, q, count), bounds, count);
    a += count, b += count, y += count, left -= count;
  }
}

/// kernels::maximum, bit for bit.
inline void maximum(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape,
                    std::int8_t* y, const kernels::Comparison& comparison) {
  if (a_shape == b_shape) return compare_codes<true>(a, b, y, a_shape.elements(), comparison);
  kernels::maximum(a, a_shape, b, b_shape, y, comparison);
}

/// kernels::minimum, bit for bit.
inline void minimum(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape,
                    std::int8_t* y, const kernels::Comparison& comparison) {
  if (a_shape == b_shape) return compare_codes<false>(a, b, y, a_shape.elements(), comparison);
  kernels::minimum(a, a_shape, b, b_shape, y, comparison);
}

}  // namespace quench::device::rvv

#endif
