// SPDX-License-Identifier: Apache-2.0
// Softmax along an axis, in integers of 16 and 32 bits and a sum of 64.
//
// With d = x - max, at most 0, a class has the share exp(d) / Σ exp(d). exp is an int16 table over [-12, 0] in steps of
// 12 / 2^15. The rounding errors of many small shares add up, so small exponentials have more bits: below -ln 64 the
// table is read at d + ln 64, and its value counts 1/64. That is level 1. Rows of more than 1024 classes have a level
// 2, below -2 ln 64, whose values count 1/64^2. For them d has steps of 24 / 2^15 and reaches from -24 to 0.
//   S = Σ e, in units of 2^-27 in int64: below 2^58 for any number of classes
//   n from 13 brings S to [2^14, 2^15);  r = reciprocal(S >> n) = 2^29 / (S >> n), in (2^14, 2^15]
//   e * r >> 15 is the share in units of 2^-(2 + n + 6 * level)
// One requantization follows, with its right shift longer by n - 13 + 6 * level.
//
// Errors, relative to S: d by its step and its multiplier, 0.04 % (0.06 % in wide rows); exp by interpolation, 0.33 %
// over intervals of 0.16, and by its rounding above 1/64, 0.1 %; r and the shift of S, 0.006 %. Up to 1024 classes:
// classes below e^-12, which are raised to it, 0.63 % for 1023 of them. Above: rounding at level 2, 2^-28 for each
// class, 0.4 % for 2^20. In all below 1.5 of the 127 steps of an int8 result, before its rounding. Source: nash.md
// section 4. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/lookup.hpp>
#include <quench/kernels/rows.hpp>

namespace quench::kernels {

/// The longest rows with one level of small exponentials.
inline constexpr int narrow_softmax_classes = 1024;

/// The settings of a softmax. Its tables are the same for all scales.
struct SoftmaxTables {
  const PiecewiseTable* exponential = nullptr;  // x at 12 / 2^15 -> exp(x) at 2^-15, for x in [-12, 0]
  const PiecewiseTable* reciprocal = nullptr;   // x -> 2^29 / x, for x in [2^14, 2^15)
  Requantization to_exponent{};  // from min(s_x, levels * 12 * (1 - 2^-15)) to levels * 12 / 2^15; for int16 as from
                                 // accumulators
  Requantization to_output{};    // from 2^-15 to s_y, as from int16
  int levels = 1;                // of small exponentials: 2 for rows of more than 1024 classes
};

/// exp(d): value * 2^-(15 + 6 * level).
struct Exponential {
  std::int32_t value;
  int level;

  /// In units of 2^-27.
  constexpr std::int32_t in_small_units() const { return value << (12 - 6 * level); }
};

/// `difference` is x - max, in [-65535, 0].
constexpr Exponential exponential(std::int32_t difference, const SoftmaxTables& tables) {
  constexpr std::int32_t ln_64 = 11357;  // at 12 / 2^15
  const std::int32_t d = requantize<16>(difference, tables.to_exponent) * tables.levels;
  int level = 0;
  while (level < tables.levels && d < -ln_64 * (level + 1)) ++level;
  return {lookup(static_cast<std::int16_t>(saturate<16>(d + level * ln_64)), *tables.exponential), level};
}

/// The factors of a row's normalization, from the sum of its exponentials in units of 2^-27.
struct Normalization {
  int shift = 13;
  std::int32_t reciprocal;

  constexpr Normalization(std::int64_t sum, const SoftmaxTables& tables) {
    // Shifts by constants: a 64-bit shift by a variable is a call on small processors.
    std::int64_t doubled = sum >> 12;
    for (; doubled > 2 * INT16_MAX + 1; doubled >>= 1) ++shift;
    const auto divisor = static_cast<std::int16_t>(saturate<16>((static_cast<std::int32_t>(doubled) + 1) >> 1));
    reciprocal = lookup(divisor, *tables.reciprocal);
  }

  /// From the share of an exponential to its code.
  constexpr Requantization to_output(const SoftmaxTables& tables, int level) const {
    Requantization record = tables.to_output;
    const int post_shift = record.post_shift + shift - 13 + 6 * level;
    record.post_shift = static_cast<std::uint8_t>(post_shift < 31 ? post_shift : 31);
    return record;
  }
};

/// Shares that sum to 1 along an axis.
/// Shapes   x any -> y as x; `tables` are for as many classes as x has along the axis
/// Units    x: int8 or int16 at s_x; y: int8 or int16 at s_y
/// Rounding each shift half up, each step saturated to int16
/// Errors   none; undefined unless the tables are those described; y overlaps nothing
/// Equals   round(exp(x * s_x) / Σ exp(x * s_x) / s_y) within 2 for int8, up to 2^20 classes
/// Source   nash.md section 4
template <class X, class Y>
constexpr void softmax(const X* x, const Shape& x_shape, int axis, Y* y, const SoftmaxTables& tables) {
  static_assert(is_code<X> && is_code<Y>);
  const int classes = x_shape[axis];
  const int outer = count_of(x_shape, 0, axis), step = count_of(x_shape, axis + 1, x_shape.rank);
  for (int i = 0; i < outer; ++i)
    for (int j = 0; j < step; ++j) {
      const int first = i * classes * step + j, last = first + (classes - 1) * step;
      std::int32_t largest = x[first];
      std::int64_t sum = 0;
      for (int at = first; at <= last; at += step)
        if (x[at] > largest) largest = x[at];
      for (int at = first; at <= last; at += step) sum += exponential(x[at] - largest, tables).in_small_units();

      const Normalization normalization(sum, tables);
      for (int at = first; at <= last; at += step) {
        const Exponential e = exponential(x[at] - largest, tables);
        const std::int32_t share = round_half_up_shift(e.value * normalization.reciprocal, 15);
        y[at] = static_cast<Y>(requantize<bits_of<Y>>(share, normalization.to_output(tables, e.level)));
      }
    }
}

}  // namespace quench::kernels
