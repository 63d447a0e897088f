// SPDX-License-Identifier: Apache-2.0
// Rounding shifts and high products against gemmlowp's fixed-point functions. Built where its headers are installed.
//
// Which of them round alike follows from what they do with a tie, a remainder of exactly one half:
//   RoundingDivideByPOT                 compares the remainder with half, less 1 for x < 0: ties go away from zero. Ours
//                                       go up. Equal for x >= 0 and for all x that are no tie; ours is 1 more for
//                                       negative ties
//   SaturatingRoundingDoublingHighMul   adds 1/2, or for negative products 1/2 less one step, and cuts toward zero. For
//                                       a product -(k + 1/2) that is -k: ties go up, as ours. Equal for all operands,
//                                       but for lowest * lowest, which it saturates; no multiplier of ours is negative
#include <doctest/doctest.h>
#include <fixedpoint/fixedpoint.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <quench/bits/multiplier.hpp>

namespace q = quench;

namespace {

constexpr unsigned seed = 20261123;

bool is_tie(std::int32_t x, int n) {
  const std::int64_t divisor = std::int64_t{1} << n, remainder = x & (divisor - 1);
  return n > 0 && 2 * remainder == divisor;
}

// Powers of two, their neighbours, random values of every size.
std::vector<std::int32_t> values() {
  std::vector<std::int32_t> result{INT32_MIN, INT32_MIN + 1, INT32_MAX, INT32_MAX - 1};
  for (int bit = 0; bit < 31; ++bit)
    for (int offset = -2; offset <= 2; ++offset) {
      const std::int64_t power = (std::int64_t{1} << bit) + offset;
      if (power > INT32_MAX) continue;
      result.push_back(static_cast<std::int32_t>(power));
      result.push_back(static_cast<std::int32_t>(-power));
    }
  std::mt19937 random(seed);
  for (int draw = 0; draw < 100000; ++draw)
    result.push_back(static_cast<std::int32_t>(random()) >> static_cast<int>(random() % 31));
  return result;
}

// Bits of magnitude that a multiplier of ours lacks for one of theirs.
constexpr std::int32_t as_32_bits(std::int16_t multiplier) { return multiplier * (std::int32_t{1} << 16); }

}  // namespace

TEST_CASE("a rounding shift is RoundingDivideByPOT, but for negative ties") {
  int ties = 0;
  for (const std::int32_t x : values())
    for (int n = 0; n <= 31; ++n) {
      CAPTURE(x);
      CAPTURE(n);
      const bool differs = x < 0 && is_tie(x, n);
      ties += differs;
      REQUIRE(q::round_half_up_shift(x, n) == gemmlowp::RoundingDivideByPOT(x, n) + (differs ? 1 : 0));
    }
  CHECK(ties > 1000);
}

TEST_CASE("the product of a multiplier and a shift by 15 are SaturatingRoundingDoublingHighMul of int16") {
  std::mt19937 random(seed);
  for (int draw = 0; draw < 40; ++draw) {
    const auto multiplier =
        static_cast<std::int16_t>(draw < 3 ? 32767u - static_cast<unsigned>(draw) : random() % 16384 + 16384);
    CAPTURE(multiplier);
    for (std::int32_t t = INT16_MIN; t <= INT16_MAX; ++t)
      REQUIRE(q::requantize<16>(t, {multiplier, 0, 15}) ==
              gemmlowp::SaturatingRoundingDoublingHighMul(static_cast<std::int16_t>(t), multiplier));
  }
}

TEST_CASE("the same product of int32 rounds half up, as a rounding shift does") {
  // The multiplier 2^(31 - n) of a shift by n.
  for (const std::int32_t x : values())
    for (int n = 1; n <= 31; ++n) {
      CAPTURE(x);
      CAPTURE(n);
      REQUIRE(gemmlowp::SaturatingRoundingDoublingHighMul(x, std::int32_t{1} << (31 - n)) ==
              q::round_half_up_shift(x, n));
    }
}

// Theirs: high product of the accumulator and 31 bits of the ratio, then a rounding shift, which errs by half of what is
// shifted out, 2^-shift / 2, and by the last rounding. Ours errs by half a step of the shifted accumulator, at most 2^-8
// for int8, and by the last rounding. The multipliers are the same, so each lies within its error of acc * ratio.
TEST_CASE("int8 requantization is the 32-bit one of gemmlowp's users within the errors of their roundings") {
  std::mt19937 random(seed);
  int different = 0;
  for (int draw = 0; draw < 400000; ++draw) {
    const auto multiplier = static_cast<std::int16_t>(random() % 16384 + 16384);
    const int total = static_cast<int>(15 + random() % 20), pre = std::max(total - 22, 0), shift = total - 15;
    const q::Requantization record{multiplier, static_cast<std::uint8_t>(pre), static_cast<std::uint8_t>(total - pre)};
    const double ratio = std::ldexp(static_cast<double>(multiplier), -total);
    const auto acc = static_cast<std::int32_t>(std::uniform_real_distribution<double>(-160, 160)(random) / ratio);
    CAPTURE(acc);
    CAPTURE(multiplier);
    CAPTURE(total);
    const std::int32_t product = gemmlowp::SaturatingRoundingDoublingHighMul(acc, as_32_bits(multiplier));
    const std::int32_t ours = q::requantize<8>(acc, record);
    const std::int32_t theirs = std::clamp(gemmlowp::RoundingDivideByPOT(product, shift), -128, 127);
    const double our_error = pre == 0 ? 0 : std::ldexp(ratio, pre - 1);
    const double their_error = shift == 0 ? 0 : std::ldexp(0.5, -shift);
    REQUIRE(our_error <= 0x1p-8);
    const double held = std::clamp(acc * ratio, -128.0, 127.0);
    REQUIRE(std::abs(ours - held) <= 0.5 + our_error);
    REQUIRE(std::abs(theirs - held) <= 0.5 + their_error);
    if (our_error == 0) REQUIRE(ours == std::clamp(std::floor(acc * ratio + 0.5), -128.0, 127.0));
    different += ours != theirs;
  }
  CHECK(different > 0);
}
