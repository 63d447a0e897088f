// SPDX-License-Identifier: Apache-2.0
// Requantization against real arithmetic. The derivation of a record stands here as nash.md section 3 writes it.
#include <quench/bits/multiplier.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <random>

namespace q = quench;

namespace {

constexpr std::int32_t int32_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t int32_max = std::numeric_limits<std::int32_t>::max();

q::Requantization derive(double ratio, int bits, bool from_accumulator) {
  int exponent = 0;
  const double mantissa = std::frexp(ratio, &exponent);
  const int total = 15 - exponent;
  const int pre = from_accumulator ? std::clamp(total - (29 - (bits - 1)), 0, 31) : 0;
  q::Requantization record;
  record.multiplier = static_cast<std::int16_t>(std::min(std::floor(mantissa * 32768 + 0.5), 32767.0));
  record.pre_shift = static_cast<std::uint8_t>(pre);
  record.post_shift = static_cast<std::uint8_t>(std::clamp(total - pre, 0, 31));
  return record;
}

template <int Bits>
constexpr std::int64_t most = (std::int64_t{1} << (Bits - 1)) - 1;

// The same steps in 64 bits and without the saturation in the middle.
template <int Bits>
std::int64_t unsaturated(std::int32_t acc, const q::Requantization& record) {
  const auto shift = [](std::int64_t x, int n) { return n == 0 ? x : (x + (std::int64_t{1} << (n - 1))) >> n; };
  const std::int64_t y = shift(shift(acc, record.pre_shift) * record.multiplier, record.post_shift);
  return std::clamp(y, -most<Bits> - 1, most<Bits>);
}

template <int Bits>
std::int64_t real(double acc, double ratio) {
  return std::clamp(std::llrint(acc * ratio), -most<Bits> - 1LL, most<Bits> + 0LL);
}

template <int Bits, class Random>
void compare_with_real_arithmetic(Random& random, int largest_allowed) {
  std::uniform_real_distribution<double> exponent(-30.9, 14.9), fraction(-1.2, 1.2);
  std::int64_t largest = 0;
  for (int draw = 0; draw < 1000000; ++draw) {
    const double ratio = std::exp2(exponent(random));
    const q::Requantization record = derive(ratio, Bits, true);
    // Mostly accumulators whose result lies inside the codes, or a little outside.
    const double target = fraction(random) * static_cast<double>(most<Bits>) / ratio;
    const auto acc = static_cast<std::int32_t>(std::clamp<double>(target, int32_min, int32_max));
    const std::int64_t y = q::requantize<Bits>(acc, record);
    largest = std::max(largest, std::abs(y - real<Bits>(acc, ratio)));
    REQUIRE(y == unsaturated<Bits>(acc, record));
  }
  CHECK(largest <= largest_allowed);
  CHECK(largest >= 1);  // or the comparison compares nothing
}

constexpr bool applies_a_record_by_hand() {
  constexpr q::Requantization half{16384, 0, 15}, shifted{16384, 4, 15};
  return q::requantize<8>(100, half) == 50 && q::requantize<8>(-101, half) == -50 &&
         q::requantize<8>(101, half) == 51 && q::requantize<8>(1000, half) == 127 &&
         q::requantize<8>(-1000, half) == -128 && q::requantize<16>(1000, half) == 500 &&
         q::requantize<8>(1600, shifted) == 50 && q::requantize<4>(100, half) == 7 &&
         q::requantize<16>(int32_max, half) == 16384 && q::requantize<16>(int32_min, half) == -16384;
}

}  // namespace

static_assert(applies_a_record_by_hand());

TEST_CASE("a record is applied step by step") { CHECK(applies_a_record_by_hand()); }

TEST_CASE("the vendor's anchor") {
  const double ratio = static_cast<double>(0.1f) * 1.0 / static_cast<double>(0.20284509658813477f);
  CHECK(derive(ratio, 8, true) == q::Requantization{32308, 0, 16});
}

TEST_CASE("no accumulator and no record overflow") {
  const std::int32_t accumulators[] = {int32_min, int32_min + 1, -1, 0, 1, int32_max - 1, int32_max};
  for (const std::int32_t acc : accumulators)
    for (const std::int16_t multiplier :
         {std::int16_t{-32768}, std::int16_t{0}, std::int16_t{16384}, std::int16_t{32767}})
      for (std::uint8_t pre = 0; pre <= 31; ++pre)
        for (std::uint8_t post = 0; post <= 31; ++post) {
          const std::int32_t y = q::requantize<8>(acc, {multiplier, pre, post});
          REQUIRE(y >= -128);
          REQUIRE(y <= 127);
        }
}

TEST_CASE("results differ from real arithmetic by at most 1 for int8 and 3 for int16") {
  const unsigned seed = 20261122;
  CAPTURE(seed);
  std::mt19937 random(seed);
  compare_with_real_arithmetic<8>(random, 1);
  compare_with_real_arithmetic<16>(random, 3);
}

TEST_CASE("the saturation in the middle never changes a result") {
  // Every exponent, mantissas at both ends, accumulators around the place where the intermediate value saturates.
  for (int exponent = -30; exponent <= 14; ++exponent)
    for (const double mantissa : {1.0, 1.0000305, 1.5, 1.9999, 1.99999999}) {
      const double ratio = std::ldexp(mantissa, exponent);
      const q::Requantization int8 = derive(ratio, 8, true), int16 = derive(ratio, 16, true);
      for (const q::Requantization& record : {int8, int16}) {
        const std::int64_t edge = std::int64_t{32767} << record.pre_shift;
        for (std::int64_t offset = -70000; offset <= 70000; offset += 611)
          for (const std::int64_t acc :
               {edge + offset, -edge + offset, int32_max - std::abs(offset), int32_min + std::abs(offset)}) {
            if (acc < int32_min || acc > int32_max) continue;
            const auto a = static_cast<std::int32_t>(acc);
            REQUIRE(q::requantize<8>(a, int8) == unsaturated<8>(a, int8));
            REQUIRE(q::requantize<16>(a, int16) == unsaturated<16>(a, int16));
          }
      }
    }
}
