// SPDX-License-Identifier: Apache-2.0
// The larger, or the smaller, of int8 tensors of one shape on a Cortex-M with vectors: four codes at a time, or sixteen
// at one scale. Freestanding.
//
// Values are compared before they saturate to int8, which changes no result: saturation keeps their order.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/kernels/maximum.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// y[i] = max(a[i], b[i]), or min, of codes at the scale of y.
template <bool IsMaximum>
void compare_same(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int count) {
  for (; count > 0; count -= 16, a += 16, b += 16, y += 16) {
    const mve_pred16_t some = vctp8q(static_cast<std::uint32_t>(count));
    const int8x16_t p = vldrbq_z_s8(a, some), q = vldrbq_z_s8(b, some);
    vstrbq_p_s8(y, IsMaximum ? vmaxq_s8(p, q) : vminq_s8(p, q), some);
  }
}

/// The same for codes at two scales. An operand that has the scale of y is multiplied by 2^14, and shifted back.
template <bool IsMaximum>
void compare_rescaled(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int count,
                      const kernels::Comparison& comparison) {
  constexpr Requantization keep{1 << 14, 0, 14};
  const OneRecord at_a(comparison.a == kernels::same_scale ? keep : comparison.a);
  const OneRecord at_b(comparison.b == kernels::same_scale ? keep : comparison.b);
  for (; count > 0; count -= 4, a += 4, b += 4, y += 4) {
    const mve_pred16_t some = vctp32q(static_cast<std::uint32_t>(count));
    const int32x4_t p = scaled_four(vldrbq_z_s32(a, some), at_a), q = scaled_four(vldrbq_z_s32(b, some), at_b);
    vstrbq_p_s32(y, saturated_four(IsMaximum ? vmaxq_s32(p, q) : vminq_s32(p, q)), some);
  }
}

/// y[i] = max(a[i], b[i]), or min, at the scale of y.
template <bool IsMaximum>
void compare_codes(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int count,
                   const kernels::Comparison& comparison) {
  if (comparison.a == kernels::same_scale && comparison.b == kernels::same_scale)
    compare_same<IsMaximum>(a, b, y, count);
  else
    compare_rescaled<IsMaximum>(a, b, y, count, comparison);
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

}  // namespace quench::device::mve

#endif
