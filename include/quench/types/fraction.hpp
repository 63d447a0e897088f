// SPDX-License-Identifier: Apache-2.0
// A rational number as a setting: the scale factor of an Upsample. Coordinates of pixels are computed from it with integers.
//
// A real number becomes the first convergent of its continued fraction that is rounded to it, so 0.3 is 3/10 and 2.0f / 3 is
// 2/3. Freestanding; only the compiler evaluates the real numbers here.
#pragma once

#include <concepts>
#include <cstdint>
#include <utility>

#include <quench/ground/prerequisites.hpp>

namespace quench {

/// The quotient of a dividend of which `rest`, below the divisor, are the first bits and `digits` the `count` last ones:
/// bit by bit, because small processors have no 64-bit division. The divisor is below 2^63.
constexpr std::uint64_t long_division(std::uint64_t rest, std::uint64_t digits, int count, std::uint64_t divisor) {
  std::uint64_t quotient = 0;
  while (count-- > 0) {
    rest = 2 * rest + (digits >> count & 1);
    const bool fits = rest >= divisor;
    if (fits) rest -= divisor;
    quotient = 2 * quotient + (fits ? 1 : 0);
  }
  return quotient;
}

/// A positive fraction in lowest terms. Others are kept as they are written, so that a message can show them.
struct Fraction {
  int numerator = 0;
  int denominator = 1;

  /// The largest numerator or denominator of a real number.
  static constexpr int most_of_real = 1 << 24;

  constexpr Fraction() = default;
  constexpr Fraction(int whole) : numerator(whole) {}  // implicit, as a factor is written
  /// 0/0 if an int cannot hold it.
  template <std::integral Whole>
  constexpr Fraction(Whole whole) : Fraction(of_whole(+whole)) {}
  constexpr Fraction(int over, int under) : numerator(over), denominator(under) {
    int divisor = over, rest = under;
    while (is_positive() && rest != 0) {
      const int next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    if (!is_positive()) return;
    numerator = over / divisor;
    denominator = under / divisor;
  }
  /// The first convergent of its continued fraction that is the same `Real`, or the last one in range, whose relative error
  /// is below 2^-24. So n / m in double is n/m if both are in range, and in float if n * m < 2^23: half a unit of the last
  /// place is below 1 / (2 m^2) then (Legendre). 0/0 for NaN and for numbers outside [2^-24, 2^24].
  template <std::floating_point Real>
  constexpr Fraction(Real real) : Fraction(of_real(real)) {}  // implicit; evaluated by the compiler

  constexpr bool is_positive() const { return numerator >= 1 && denominator >= 1; }

  /// The whole part of `extent` times this; 0 unless both are positive.
  constexpr long long of(int extent) const {
    if (!is_positive() || extent < 1) return 0;
    const auto product = static_cast<std::uint64_t>(extent) * static_cast<std::uint64_t>(numerator);
    const auto divisor = static_cast<std::uint32_t>(denominator);
    if (product >> 32 == 0) return static_cast<std::uint32_t>(product) / divisor;
    return static_cast<long long>(long_division(0, product, 62, divisor));
  }

  friend constexpr bool operator==(Fraction a, Fraction b) {
    return a.numerator == b.numerator && a.denominator == b.denominator;
  }

 private:
  template <class Promoted>
  static constexpr Fraction of_whole(Promoted whole) {
    const int held = static_cast<int>(whole);
    return std::cmp_equal(held, whole) ? Fraction(held) : Fraction(0, 0);
  }

  template <class Real>
  static constexpr Fraction of_real(Real real) {
    using Wide = decltype(1.0 * real);  // evaluated by the compiler; a single precision leaves the rests no digits
    constexpr auto most = static_cast<Wide>(most_of_real);
    if (!(real >= 1 / most && real <= most)) return {0, 0};
    long long over = 1, under = 0, over_before = 0, under_before = 1;
    for (Wide rest = real; rest <= most;) {  // else the next convergent is out of range
      const auto whole = static_cast<long long>(rest);
      const long long next_over = whole * over + over_before, next_under = whole * under + under_before;
      if (next_over > most_of_real || next_under > most_of_real) break;
      over_before = over;
      under_before = under;
      over = next_over;
      under = next_under;
      const Wide quotient = static_cast<Wide>(over) / static_cast<Wide>(under);
      if (static_cast<Real>(quotient) == real || rest == static_cast<Wide>(whole)) break;
      rest = 1 / (rest - static_cast<Wide>(whole));
    }
    return {static_cast<int>(over), static_cast<int>(under)};
  }
};

}  // namespace quench
