// SPDX-License-Identifier: Apache-2.0
// A tensor plus or times a constant.
//
// Plus: the constant is an integer at the scale of the sum, s_x / 2^k, like the second term of an add, without a
// multiplication. Times: the factor becomes part of the scale, s_y = s_x * |c|, so codes stay the same or change their
// sign. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// The constants of a tensor plus a constant.
struct ScalarAddition {
  std::uint8_t shift = 0;           // k: at most 23 for int8, 15 for int16
  std::int32_t constant = 0;        // round(c / s_x * 2^k), in [-2^30, 2^30]
  Requantization requantization{};  // from s_x / 2^k to the output's scale
};

/// x + c.
/// Shapes   x [count] -> y [count]
/// Units    x: int8 or int16 at s_x; the sum: int32 at s_x / 2^k; y: int8 or int16
/// Rounding as `requantize`
/// Errors   none; undefined unless `shift` and `constant` are within their bounds; y may be x if their types are equal
/// Equals   saturate(round((x * s_x + c) / s_y)) within 1 for int8, within 3 for int16
/// Source   nash.md section 4
template <class X, class Y>
constexpr void add_scalar(const X* x, Y* y, int count, const ScalarAddition& addition) {
  static_assert(is_code<X> && is_code<Y>);
  for (int i = 0; i < count; ++i) {
    const std::int32_t sum = x[i] * (std::int32_t{1} << addition.shift) + addition.constant;
    y[i] = static_cast<Y>(requantize<bits_of<Y>>(sum, addition.requantization));
  }
}

/// x * c, at the scale s_x * |c|: the codes of x, with the sign of c.
/// Shapes   x [count] -> y [count]
/// Rounding none; the negative of the lowest code saturates to the highest
/// Errors   none; y may be x
/// Source   nash.md section 4
template <class T>
constexpr void mul_scalar(const T* x, T* y, int count, bool is_negative) {
  static_assert(is_code<T>);
  for (int i = 0; i < count; ++i) y[i] = is_negative ? static_cast<T>(saturate<bits_of<T>>(-x[i])) : x[i];
}

}  // namespace quench::kernels
