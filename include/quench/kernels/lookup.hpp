// SPDX-License-Identifier: Apache-2.0
// Functions of one value, by table. Making a table takes real arithmetic and is done in tensors/.
//
// An int8 code has 256 values, so its table is the function. An int16 code goes through a piecewise linear function. It
// has a line for the lowest codes, six tables of 64 entries, each for its own interval, and a line for the highest
// codes. Source: nash.md section 4. Freestanding.
#pragma once

#include <cstdint>

#include <quench/bits/narrow.hpp>

namespace quench::kernels {

/// y = table[x + 128].
/// Shapes   x [count], table [256] -> y [count]
/// Units    x: int8; y: int8 or int16
/// Errors   none; y may be x if their types are equal
/// Source   nash.md section 4
template <class Y>
constexpr void lookup(const std::int8_t* x, Y* y, int count, const Y* table) {
  for (int i = 0; i < count; ++i) y[i] = table[x[i] + 128];
}

/// A factor for the distance between two codes: about multiplier * 2^-shift.
struct Slope {
  std::int16_t multiplier = 0;
  std::uint8_t shift = 0;  // in [0, 31]

  friend constexpr bool operator==(const Slope&, const Slope&) = default;
};

/// A piecewise linear function of int16 codes.
/// Units    bounds ascend, neighbours may be equal; the left line is below bounds[0], the right one from bounds[6] on
struct PiecewiseTable {
  static constexpr int segments = 6, entries = 64, fraction_bits = 8;

  std::int16_t bounds[segments + 1]{};           // segment i is [bounds[i], bounds[i + 1])
  Slope position[segments]{};                    // 63 * 2^8 / (bounds[i + 1] - bounds[i]); multiplier >= 0
  std::int16_t values[segments][entries]{};      // at equal distances from bounds[i] to bounds[i + 1], inclusive
  Slope left{}, right{};                         // of the lines, which begin at bounds[0] and bounds[6]
  std::int16_t left_value = 0, right_value = 0;  // of the lines at their beginning

  friend constexpr bool operator==(const PiecewiseTable&, const PiecewiseTable&) = default;
};

namespace detail {

constexpr std::int32_t times(std::int32_t distance, const Slope& slope) {
  return round_half_up_shift(distance * slope.multiplier, slope.shift);
}

// No line overflows: these are the extremes of value + distance * multiplier.
static_assert(std::int64_t{65535} * -32768 - 32768 == INT32_MIN);
static_assert(std::int64_t{65535} * 32768 + 32767 == INT32_MAX);

}  // namespace detail

/// One value of a piecewise linear function.
/// Units    x and the result: int16
/// Rounding half up: of the position in a table to 1/256 of an entry, of the interpolated value, and of a line's slope
///          times the distance, which then saturates
/// Errors   none
/// Source   nash.md section 4
constexpr std::int16_t lookup(std::int16_t x, const PiecewiseTable& table) {
  constexpr int last = PiecewiseTable::entries - 1, one = 1 << PiecewiseTable::fraction_bits;
  const auto line = [x](std::int16_t from, std::int16_t value, const Slope& slope) {
    return static_cast<std::int16_t>(saturate<16>(value + detail::times(x - from, slope)));
  };
  if (x < table.bounds[0]) return line(table.bounds[0], table.left_value, table.left);
  int segment = 0;
  while (segment < PiecewiseTable::segments && x >= table.bounds[segment + 1]) ++segment;
  if (segment == PiecewiseTable::segments)
    return line(table.bounds[PiecewiseTable::segments], table.right_value, table.right);

  std::int32_t position = detail::times(x - table.bounds[segment], table.position[segment]);
  if (position > last * one) position = last * one;
  const int index = position == last * one ? last - 1 : position / one;
  const std::int32_t fraction = position - index * one;
  const std::int32_t low = table.values[segment][index], high = table.values[segment][index + 1];
  return static_cast<std::int16_t>(
      round_half_up_shift(low * (one - fraction) + high * fraction, PiecewiseTable::fraction_bits));
}

/// A piecewise linear function of each element.
/// Shapes   x [count] -> y [count]
/// Units    x: int16; y: int16, or int8 if the table's entries are at the scale of an int8 output
/// Rounding as above; then saturated to the type of y
/// Errors   none; y may be x if their types are equal
/// Source   nash.md section 4
template <class Y>
constexpr void lookup(const std::int16_t* x, Y* y, int count, const PiecewiseTable& table) {
  for (int i = 0; i < count; ++i) y[i] = static_cast<Y>(saturate<static_cast<int>(8 * sizeof(Y))>(lookup(x[i], table)));
}

}  // namespace quench::kernels
