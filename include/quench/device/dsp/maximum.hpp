// SPDX-License-Identifier: Apache-2.0
// The larger, or the smaller, of int8 tensors of one shape with DSP instructions: four codes at a time at one scale.
// Freestanding.
//
// Values at two scales are compared before they saturate to int8, which changes no result: saturation keeps their order.
#pragma once

#include <quench/device/dsp/words.hpp>
#include <quench/kernels/maximum.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// y[i] = max(a[i], b[i]), or min, of codes at the scale of y.
template <bool IsMaximum>
[[gnu::noinline]] void compare_same(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int left) {
  for (; left >= 4; left -= 4, a += 4, b += 4, y += 4) {
    const std::uint32_t p = load_word(a, 0), q = load_word(b, 0);
    store_word(y, IsMaximum ? larger(p, q) : smaller(p, q));
  }
  for (; left > 0; --left, ++a, ++b, ++y) *y = (*a > *b) == IsMaximum ? *a : *b;
}

/// The same for codes at two scales. An operand that has the scale of y is multiplied by 2^14, and shifted back.
template <bool IsMaximum>
[[gnu::noinline]] void compare_rescaled(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int left,
                                        Requantization at_a, Requantization at_b) {
  constexpr Requantization keep{1 << 14, 0, 14};
  if (at_a == kernels::same_scale) at_a = keep;
  if (at_b == kernels::same_scale) at_b = keep;
  const auto code = [&](int i) __attribute__((always_inline)) {
    const std::int32_t p = scaled_value(a[i], at_a), q = scaled_value(b[i], at_b);
    y[i] = static_cast<std::int8_t>(saturated<8>((p > q) == IsMaximum ? p : q));
  };
  for (; left >= 4; left -= 4, a += 4, b += 4, y += 4) code(0), code(1), code(2), code(3);
  for (; left > 0; --left, ++a, ++b, ++y) code(0);
}

/// y[i] = max(a[i], b[i]), or min, at the scale of y.
template <bool IsMaximum>
void compare_codes(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int count,
                   const kernels::Comparison& comparison) {
  if (comparison.a == kernels::same_scale && comparison.b == kernels::same_scale)
    compare_same<IsMaximum>(a, b, y, count);
  else
    compare_rescaled<IsMaximum>(a, b, y, count, comparison.a, comparison.b);
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

}  // namespace quench::device::dsp

#endif
