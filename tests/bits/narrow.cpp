// SPDX-License-Identifier: Apache-2.0
#include <quench/bits/narrow.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <random>

namespace q = quench;

namespace {

constexpr std::int32_t int32_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t int32_max = std::numeric_limits<std::int32_t>::max();

// The definition, in integers wide enough: floor((x + 2^(n-1)) / 2^n).
constexpr std::int64_t shifted_by_division(std::int64_t x, int n) {
  if (n == 0) return x;
  const std::int64_t sum = x + (std::int64_t{1} << (n - 1)), divisor = std::int64_t{1} << n;
  return sum / divisor - (sum % divisor < 0 ? 1 : 0);
}

constexpr bool agrees(std::int32_t x) {
  for (int n = 0; n <= 31; ++n)
    if (q::round_half_up_shift(x, n) != shifted_by_division(x, n)) return false;
  return true;
}

// x = k 2^n + rest is rounded to k, or to k + 1 if the rest is at least a half.
constexpr bool wide_shifts_round_half_up() {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max(),
                         least = std::numeric_limits<std::int64_t>::min();
  for (int n = 1; n <= 62; ++n) {
    const std::int64_t one = std::int64_t{1} << n, last = (most >> n) - 1, first = least >> n;
    for (const std::int64_t k : {first, std::int64_t{-1}, std::int64_t{0}, last})
      for (const std::int64_t rest : {std::int64_t{0}, one / 2 - 1, one / 2, one - 1})
        if (q::wide_round_half_up_shift(k * one + rest, n) != k + (rest >= one / 2 ? 1 : 0)) return false;
  }
  return q::wide_round_half_up_shift(most, 0) == most && q::wide_round_half_up_shift(most, 63) == 1 &&
         q::wide_round_half_up_shift(least, 63) == -1;
}

constexpr bool ties_go_up() {
  return q::round_half_up_shift(3, 1) == 2 && q::round_half_up_shift(-3, 1) == -1 &&
         q::round_half_up_shift(-1, 1) == 0 && q::round_half_up_shift(6, 2) == 2 &&
         q::round_half_up_shift(-6, 2) == -1 && q::round_half_up_shift(-7, 2) == -2;
}

constexpr bool agrees_at_the_edges() {
  for (int bit = 0; bit < 31; ++bit)
    for (int offset = -2; offset <= 2; ++offset) {
      const std::int32_t power = std::int32_t{1} << bit;
      if (!agrees(power + (power == int32_max ? 0 : offset)) || !agrees(-power + offset)) return false;
    }
  return agrees(int32_min) && agrees(int32_min + 1) && agrees(int32_max) && agrees(int32_max - 1);
}

constexpr bool saturates() {
  return q::saturate<8>(127) == 127 && q::saturate<8>(128) == 127 && q::saturate<8>(-128) == -128 &&
         q::saturate<8>(-129) == -128 && q::saturate<4>(8) == 7 && q::saturate<4>(-9) == -8 &&
         q::saturate<16>(int32_max) == 32767 && q::saturate<16>(int32_min) == -32768 &&
         q::saturate<32>(int32_min) == int32_min && q::saturate<32>(int32_max) == int32_max && q::saturate<8>(0) == 0;
}

}  // namespace

static_assert(wide_shifts_round_half_up());
static_assert(ties_go_up());
static_assert(agrees_at_the_edges());
static_assert(saturates());

TEST_CASE("wide shifts round half up over the whole range") { CHECK(wide_shifts_round_half_up()); }
TEST_CASE("ties go toward plus infinity") { CHECK(ties_go_up()); }
TEST_CASE("saturation holds a value at the ends of its type") { CHECK(saturates()); }

TEST_CASE("a rounding shift is a division that rounds half up") {
  CHECK(agrees_at_the_edges());
  for (std::int32_t x = -70000; x <= 70000; ++x) REQUIRE(agrees(x));
  const unsigned seed = 20261122;
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200000; ++round) REQUIRE(agrees(static_cast<std::int32_t>(random())));
}
