// SPDX-License-Identifier: Apache-2.0
// Softmax along an axis, in integers of 16 and 32 bits.
//
// With d = x - max, at most 0, a class has the share exp(d) / Σ exp(d). exp is an int16 table over [-12, 0] in steps of
// 12 / 2^15. The rounding errors of up to 1024 small shares add up, so small exponentials have 6 more bits: below -ln
// 64 the table is read at d + ln 64, and its value counts 1/64. The sum then takes 31 bits:
//   S = Σ e, in units of 2^-21;  S >= 2^15 * 2^6 nearly, S <= 1024 * 32767 * 64 < 2^31
//   n in [7, 16] brings S to [2^14, 2^15);  r = reciprocal(S >> n) = 2^29 / (S >> n), in (2^14, 2^15]
//   e * r >> 15 is the share in units of 2^-(8 + n), or of 2^-(14 + n) if e is small
// One requantization follows, with its right shift longer by n - 7 or n - 1.
//
// Errors, relative to S: d by its step and its multiplier, 0.04 %; exp by interpolation, 0.33 % over intervals of 0.16,
// and by its rounding above 1/64, 0.1 %; classes below e^-12, which are raised to it, 0.63 % for 1023 of them; r and
// the shift of S, 0.006 %. In all below 1.5 of the 127 steps of an int8 result, before its rounding. Source: nash.md
// section 4. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/lookup.hpp>
#include <quench/kernels/rows.hpp>

namespace quench::kernels {

/// The settings of a softmax. Its tables are the same for all scales.
struct SoftmaxTables {
  const PiecewiseTable* exponential = nullptr;  // x at 12 / 2^15 -> exp(x) at 2^-15, for x in [-12, 0]
  const PiecewiseTable* reciprocal = nullptr;   // x -> 2^29 / x, for x in [2^14, 2^15)
  Requantization to_exponent{};  // from min(s_x, 12 * (1 - 2^-15)) to 12 / 2^15; for int16 as from accumulators
  Requantization to_output{};    // from 2^-15 to s_y, as from int16
};

/// exp(d): value * 2^-15, or if small value * 2^-21.
struct Exponential {
  std::int32_t value;
  bool is_small;

  constexpr std::int32_t in_small_units() const { return is_small ? value : value * 64; }
};

/// `difference` is x - max, in [-65535, 0].
constexpr Exponential exponential(std::int32_t difference, const SoftmaxTables& tables) {
  constexpr std::int32_t ln_64 = 11357;  // at 12 / 2^15
  const std::int32_t d = requantize<16>(difference, tables.to_exponent);
  const bool is_small = d < -ln_64;
  return {lookup(static_cast<std::int16_t>(is_small ? d + ln_64 : d), *tables.exponential), is_small};
}

/// The factors of a row's normalization, from the sum of its exponentials.
struct Normalization {
  int shift = 7;
  std::int32_t reciprocal;

  constexpr Normalization(std::int32_t sum, const SoftmaxTables& tables) : reciprocal(0) {
    while (sum >> shift > INT16_MAX) ++shift;
    const auto divisor = static_cast<std::int16_t>(saturate<16>(round_half_up_shift(sum, shift)));
    reciprocal = lookup(divisor, *tables.reciprocal);
  }

  /// From the share of an exponential to its code.
  constexpr Requantization to_output(const SoftmaxTables& tables, bool is_small) const {
    Requantization record = tables.to_output;
    const int post_shift = record.post_shift + shift - (is_small ? 1 : 7);
    record.post_shift = static_cast<std::uint8_t>(post_shift < 31 ? post_shift : 31);
    return record;
  }
};

/// Shares that sum to 1 along an axis.
/// Shapes   x any -> y as x; at most 1024 classes along the axis
/// Units    x: int8 or int16 at s_x; y: int8 or int16 at s_y
/// Rounding each shift half up, each step saturated to int16
/// Errors   none; undefined unless the tables are those described; y overlaps nothing
/// Equals   round(exp(x * s_x) / Σ exp(x * s_x) / s_y) within 2 for int8
/// Source   nash.md section 4
template <class X, class Y>
constexpr void softmax(const X* x, const Shape& x_shape, int axis, Y* y, const SoftmaxTables& tables) {
  static_assert(is_code<X> && is_code<Y>);
  const int classes = x_shape[axis];
  const int outer = count_of(x_shape, 0, axis), step = count_of(x_shape, axis + 1, x_shape.rank);
  for (int i = 0; i < outer; ++i)
    for (int j = 0; j < step; ++j) {
      const int first = i * classes * step + j, last = first + (classes - 1) * step;
      std::int32_t largest = x[first], sum = 0;
      for (int at = first; at <= last; at += step)
        if (x[at] > largest) largest = x[at];
      for (int at = first; at <= last; at += step) sum += exponential(x[at] - largest, tables).in_small_units();

      const Normalization normalization(sum, tables);
      for (int at = first; at <= last; at += step) {
        const Exponential e = exponential(x[at] - largest, tables);
        const std::int32_t share = round_half_up_shift(e.value * normalization.reciprocal, 15);
        y[at] = static_cast<Y>(requantize<bits_of<Y>>(share, normalization.to_output(tables, e.is_small)));
      }
    }
}

}  // namespace quench::kernels
