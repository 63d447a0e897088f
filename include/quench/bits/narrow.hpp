// SPDX-License-Identifier: Apache-2.0
// Narrower integers: right shifts whose name says how they round, and saturation.
//
// These two and the product in multiplier.hpp are all the arithmetic of requantization. None overflows for any input.
// Source: nash.md section 2. Freestanding.
#pragma once

#include <cstdint>

namespace quench {

/// x / 2^n, rounded to the nearest integer, ties toward +infinity.
/// Units    n in [0, 31]
/// Rounding half up: round_half_up_shift(-3, 1) == -1, round_half_up_shift(3, 1) == 2
/// Errors   none; n outside [0, 31] is undefined, and refused in a constant expression
/// Equals   floor((x + 2^(n-1)) / 2^n) for n > 0, x for n == 0
/// Source   nash.md section 2
constexpr std::int32_t round_half_up_shift(std::int32_t x, int n) {
  if (n == 0) return x;
  // The last bit shifted out says whether the rest is at least a half. Adding it afterwards cannot overflow.
  const std::int32_t doubled = x >> (n - 1);
  return (doubled >> 1) + (doubled & 1);
}

/// The same for 64 bits. A name of its own, because an int is a `std::int32_t` only on some processors.
/// Units    n in [0, 63]
constexpr std::int64_t wide_round_half_up_shift(std::int64_t x, int n) {
  if (n == 0) return x;
  const std::int64_t doubled = x >> (n - 1);
  return (doubled >> 1) + (doubled & 1);
}

/// x clamped to signed integers of `Bits` bits: `saturate<8>(300) == 127`, `saturate<8>(-300) == -128`.
/// Errors   none
template <int Bits>
constexpr std::int32_t saturate(std::int32_t x) {
  static_assert(Bits >= 2 && Bits <= 32);
  constexpr auto most = static_cast<std::int32_t>((std::int64_t{1} << (Bits - 1)) - 1);
  // The lowest bits equal x, or x does not fit. GCC 12 turns a comparison with both bounds into one `ssat` only outside
  // loops. In a loop it keeps both bounds in registers and takes twice as many instructions as this.
  const std::int32_t lowest_bits =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << (32 - Bits)) >> (32 - Bits);
  return lowest_bits == x ? x : (x >> 31) ^ most;
}

}  // namespace quench
