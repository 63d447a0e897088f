// SPDX-License-Identifier: Apache-2.0
// Requantization: integers at one scale become integers at another, with a multiplication and two rounding shifts.
//
// A record represents the ratio of the scales with 15 bits. Deriving a record takes real arithmetic and is done in
// tensors/; applying it takes only integers. The intermediate value saturates to int16, which never changes a result.
// Without a pre-shift the ratio is above 2^-8, so the output saturates as well (tests prove it at the edges). Source:
// nash.md section 3. Freestanding.
#pragma once

#include <cstdint>

#include <quench/bits/narrow.hpp>

namespace quench {

/// A ratio of scales: about multiplier * 2^-(pre_shift + post_shift).
struct Requantization {
  std::int16_t multiplier = 0;  // in [16384, 32767] for a derived record; negated for a negative slope of a PReLU
  std::uint8_t pre_shift = 0;   // in [0, 31], before the multiplication; 0 for int8 and int16 inputs
  std::uint8_t post_shift = 0;  // in [0, 31], after it

  friend constexpr bool operator==(const Requantization&, const Requantization&) = default;
};

/// `requantize` without its last saturation.
constexpr std::int32_t scaled(std::int32_t acc, const Requantization& record) {
  const std::int32_t narrowed = saturate<16>(round_half_up_shift(acc, record.pre_shift));
  return round_half_up_shift(narrowed * record.multiplier, record.post_shift);
}

/// An accumulator or a code, converted to another scale.
/// Units    acc at scale s_from, any int32; the result at scale s_to, an integer of Bits bits (4, 8 or 16)
/// Rounding half up at the pre-shift, saturation to int16; half up at the post-shift, saturation to Bits bits
/// Errors   none: no input overflows
/// Equals   round(acc * s_from / s_to) within 1 for int8, within 3 for int16
/// Source   nash.md section 3
template <int Bits>
constexpr std::int32_t requantize(std::int32_t acc, const Requantization& record) {
  return saturate<Bits>(scaled(acc, record));
}

}  // namespace quench
