// SPDX-License-Identifier: Apache-2.0
#include <quench/types/fraction.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <initializer_list>
#include <limits>
#include <numeric>

using quench::Fraction;

namespace {

constexpr int most = Fraction::most_of_real;

constexpr bool has_lowest_terms() {
  return Fraction(4, 6) == Fraction(2, 3) && Fraction(7) == Fraction(14, 2) && Fraction(5, 5) == 1 &&
         Fraction(1 << 30, 3 << 29) == Fraction(2, 3) && Fraction() == 0 && !(Fraction(2, 3) == Fraction(3, 2));
}

constexpr bool keeps_what_is_not_positive() {
  const Fraction none(4, 0), negative(-4, 6), upside_down(4, -6);
  return none.numerator == 4 && none.denominator == 0 && negative.numerator == -4 && negative.denominator == 6 &&
         upside_down.denominator == -6 && !none.is_positive() && !negative.is_positive() &&
         !upside_down.is_positive() && !Fraction(0).is_positive() && Fraction(1, 7).is_positive() && none.of(5) == 0 &&
         negative.of(5) == 0 && Fraction(-2).of(5) == 0;
}

constexpr bool takes_whole_numbers_of_any_type() {
  constexpr long long largest = std::numeric_limits<int>::max();
  return Fraction(2u) == 2 && Fraction(std::size_t{3}) == 3 && Fraction(true) == 1 && Fraction(-2LL).numerator == -2 &&
         Fraction(largest) == Fraction(std::numeric_limits<int>::max()) && Fraction(largest + 1).denominator == 0 &&
         Fraction((1LL << 32) + 2).denominator == 0 && Fraction(-largest - 2).denominator == 0 &&
         Fraction(std::numeric_limits<unsigned>::max()).denominator == 0;
}

constexpr bool takes_real_numbers_as_they_are_meant() {
  return Fraction(1.5) == Fraction(3, 2) && Fraction(0.3) == Fraction(3, 10) && Fraction(0.3f) == Fraction(3, 10) &&
         Fraction(2.0f / 3) == Fraction(2, 3) && Fraction(2.0 / 3) == Fraction(2, 3) && Fraction(2.0) == 2 &&
         Fraction(0.29) == Fraction(29, 100) && Fraction(0.12345) == Fraction(2469, 20000) &&
         Fraction(1.0 * most) == most && Fraction(1.0 / most) == Fraction(1, most) &&
         Fraction(720.0 / 1080) == Fraction(2, 3) && Fraction(0.3L) == Fraction(3, 10) &&
         Fraction(1864.0f / 2839) == Fraction(1864, 2839);
}

constexpr bool refuses_other_real_numbers() {
  using Limits = std::numeric_limits<double>;
  for (const double real : {0.0, -0.0, -1.5, Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(),
                            Limits::max(), Limits::min(), Limits::denorm_min(), most + 1.0, 0.9 / most})
    if (Fraction(real).is_positive()) return false;
  return !Fraction(std::numeric_limits<float>::infinity()).is_positive() && Fraction(-1.5).denominator != 1;
}

constexpr bool scales_extents() {
  constexpr int largest = std::numeric_limits<int>::max();
  return Fraction(2, 3).of(7) == 4 && Fraction(0.29).of(100) == 29 && Fraction(5, 3).of(3) == 5 &&
         Fraction(largest).of(largest) == 1LL * largest * largest && Fraction(1, largest).of(largest) == 1;
}

}  // namespace

static_assert(has_lowest_terms());
static_assert(keeps_what_is_not_positive());
static_assert(takes_whole_numbers_of_any_type());
static_assert(takes_real_numbers_as_they_are_meant());
static_assert(refuses_other_real_numbers());
static_assert(scales_extents());

TEST_CASE("a fraction has its lowest terms") { CHECK(has_lowest_terms()); }
TEST_CASE("what is not positive is kept for a message") { CHECK(keeps_what_is_not_positive()); }
TEST_CASE("whole numbers of any type are factors if an int holds them") { CHECK(takes_whole_numbers_of_any_type()); }
TEST_CASE("a real number becomes a fraction of small numbers that is rounded to it") {
  CHECK(takes_real_numbers_as_they_are_meant());
}
TEST_CASE("real numbers that are no factors become no fraction") { CHECK(refuses_other_real_numbers()); }
TEST_CASE("an extent is scaled to the whole part") { CHECK(scales_extents()); }

TEST_CASE("large extents are scaled as a division of 64 bits does") {
  for (long long over = 1; over < 1LL << 31; over += over / 3 + 1)
    for (long long under = 1; under < 1LL << 31; under += under / 3 + 1) {
      const Fraction f(static_cast<int>(over), static_cast<int>(under));
      for (long long extent = 1; extent < 1LL << 31; extent += extent / 2 + 1)
        REQUIRE(f.of(static_cast<int>(extent)) == extent * f.numerator / f.denominator);
    }
}

TEST_CASE("every quotient of small extents is found, and every real number is met nearly") {
  for (int over = 1; over <= 400; ++over)
    for (int under = 1; under <= 400; ++under) {
      const Fraction found(static_cast<double>(over) / under);
      const int divisor = std::gcd(over, under);
      REQUIRE(found.numerator == over / divisor);
      REQUIRE(found.denominator == under / divisor);
    }
  for (int over = 1; over < 1 << 23; over += over < 3000 ? 7 : 99991)
    for (int under = 1; 1LL * over * under < 1 << 23; under += under < 3000 ? 5 : 49999) {
      const Fraction found(static_cast<float>(over) / static_cast<float>(under));
      const int divisor = std::gcd(over, under);
      REQUIRE(found.numerator == over / divisor);
      REQUIRE(found.denominator == under / divisor);
    }
  for (double real = 0.001; real < 2000; real *= 1.000873) {
    const Fraction found(real);
    REQUIRE(found.is_positive());
    REQUIRE(found.numerator <= most);
    REQUIRE(found.denominator <= most);
    const double error = static_cast<double>(found.numerator) / found.denominator - real;
    REQUIRE(error < real * 0x1p-24);
    REQUIRE(error > -real * 0x1p-24);
  }
}
