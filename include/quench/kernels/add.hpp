// SPDX-License-Identifier: Apache-2.0
// Sum and difference of two tensors at different scales.
//
// The operand with the larger scale is shifted left by k, and the other one is multiplied by m. Both are then at one
// fine scale where their sum fits int32. One requantization converts it to the output's scale. With s_x >= s_y:
//   k = min(23 if x is int8, 15 if int16; floor(log2(32767 * s_x / s_y)));  m = min(round(s_y / s_x * 2^k), 32767)
// Neither term is then above 2^30 in absolute value. Source: nash.md section 4. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/elementwise.hpp>

namespace quench::kernels {

/// The constants of a sum, or a difference, of two tensors.
struct Addition {
  std::uint8_t shift = 0;           // k, of the operand with the larger scale: at most 23 if it is int8, 15 if int16
  std::int16_t multiplier = 0;      // m, of the other operand, in [0, 32767]
  bool second_is_larger = false;    // which operand has the larger scale
  Requantization requantization{};  // from s_x / 2^k to the output's scale
  std::int32_t low = INT32_MIN;     // codes are clamped to [low, high]
  std::int32_t high = INT32_MAX;
};

/// The factors that bring the operands to the scale of the sum, and the conversion of the sum.
template <class Y>
struct WeightedSum {
  std::int32_t first, second;
  Requantization requantization;
  std::int32_t low, high;

  /// `sign` is the sign of the second operand.
  constexpr WeightedSum(const Addition& addition, int sign)
      : first(std::int32_t{1} << addition.shift),
        second(addition.multiplier),
        requantization(addition.requantization),
        low(addition.low),
        high(addition.high) {
    if (addition.second_is_larger) {
      first = addition.multiplier;
      second = std::int32_t{1} << addition.shift;
    }
    second *= sign;
  }

  template <class A, class B>
  constexpr std::int32_t operator()(A a, B b) const {
    return clamp(requantize<bits_of<Y>>(a * first + b * second, requantization), low, high);
  }
};

/// a + b, each at its own scale.
/// Shapes   a, b of one rank; along each axis equal extents, or 1, which is repeated -> y the larger extents
/// Units    a, b: int8 or int16 at s_a, s_b; the sum: int32 at max(s_a, s_b) / 2^k; y: int8 or int16
/// Rounding as `requantize`; then clamped to [low, high]
/// Errors   none; undefined unless `shift` and `multiplier` are within their bounds; y may be an operand with its type
///          and shape
/// Equals   saturate(round((a * s_a + b * s_b) / s_y)) within 1 for int8, within 3 for int16
/// Source   nash.md section 4
template <class A, class B, class Y>
constexpr void add(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y, const Addition& addition) {
  static_assert(is_code<A> && is_code<B> && is_code<Y>);
  combine(a, a_shape, b, b_shape, y, WeightedSum<Y>(addition, 1));
}

/// a - b, each at its own scale. Everything else as `add`.
template <class A, class B, class Y>
constexpr void sub(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y, const Addition& addition) {
  static_assert(is_code<A> && is_code<B> && is_code<Y>);
  combine(a, a_shape, b, b_shape, y, WeightedSum<Y>(addition, -1));
}

/// max(a + b, 0). Everything else as `add`.
template <class A, class B, class Y>
constexpr void add_relu(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y, Addition addition) {
  if (addition.low < 0) addition.low = 0;
  add(a, a_shape, b, b_shape, y, addition);
}

}  // namespace quench::kernels
