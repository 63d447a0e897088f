// SPDX-License-Identifier: Apache-2.0
// Sums against nash.md section 4 in wide integers, and against real numbers.
#include <quench/kernels/add.hpp>

#include <doctest/doctest.h>

#include "kernels/operands.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool adds_by_hand() {
  // The second operand has twice the scale of the first; the output has the scale of the second.
  constexpr k::Addition addition{
      .shift = 4, .multiplier = 8, .second_is_larger = true, .requantization = {16384, 0, 18}};
  constexpr int8_t a[] = {10, 11, -128, 127}, b[] = {1, 1, -128, 100};
  constexpr int8_t sums[] = {6, 7, -128, 127}, differences[] = {4, 5, 64, -36}, positive[] = {6, 7, 0, 127};
  int8_t sum[4]{}, difference[4]{}, clamped[4]{};
  const q::Shape shape(4);
  k::add(a, shape, b, shape, sum, addition);
  k::sub(a, shape, b, shape, difference, addition);
  k::add_relu(a, shape, b, shape, clamped, addition);
  for (int i = 0; i < 4; ++i)
    if (sum[i] != sums[i] || difference[i] != differences[i] || clamped[i] != positive[i]) return false;
  return true;
}

// nash.md section 4: the settings of an add of these scales.
template <class A, class B, class Y>
k::Addition derived(double a_scale, double b_scale, double y_scale) {
  k::Addition addition;
  addition.second_is_larger = a_scale < b_scale;
  const double larger = std::max(a_scale, b_scale), smaller = std::min(a_scale, b_scale);
  const bool larger_is_int8 = (addition.second_is_larger ? sizeof(B) : sizeof(A)) == 1;
  const int shift =
      std::min(larger_is_int8 ? 23 : 15, static_cast<int>(std::floor(std::log2(32767 * larger / smaller))));
  addition.shift = static_cast<std::uint8_t>(shift);
  addition.multiplier =
      static_cast<int16_t>(std::clamp(std::floor(std::ldexp(smaller / larger, shift) + 0.5), 0.0, 32767.0));
  addition.requantization = derived(std::ldexp(larger, -shift) / y_scale, bits<Y>, From::Accumulator);
  return addition;
}

// One result, from the same page.
std::int64_t add_defined(std::int64_t a, std::int64_t b, bool subtract, const k::Addition& addition, int y_bits) {
  const std::int64_t power = std::int64_t{1} << addition.shift, m = addition.multiplier, sign = subtract ? -1 : 1;
  const std::int64_t sum = addition.second_is_larger ? a * m + sign * b * power : a * power + sign * b * m;
  REQUIRE(std::abs(sum) <= INT32_MAX);
  return std::clamp<std::int64_t>(requantized(sum, addition.requantization, y_bits), addition.low, addition.high);
}

struct Scales {
  double a, b, y;
};

Scales random_scales(Random& random) {
  Scales scales{std::exp2(uniform(random, -10.0, 10.0)), 0, 0};
  scales.b = uniform(random, 0, 7) == 0 ? scales.a : scales.a * std::exp2(uniform(random, -14.0, 14.0));
  scales.y = std::max(scales.a, scales.b) * std::exp2(uniform(random, -1.0, 1.5));
  return scales;
}

template <class A, class B, class Y>
void compare_random_cases_of_add(int count) {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < count; ++draw) {
    CAPTURE(draw);
    const Operands<A, B> operands(random);
    const Scales scales = random_scales(random);
    k::Addition addition = derived<A, B, Y>(scales.a, scales.b, scales.y);
    if (uniform(random, 0, 1) == 0) addition.high = uniform(random, 0, 127);
    if (uniform(random, 0, 1) == 0) addition.low = uniform(random, -128, 0);
    std::vector<Y> sum(operands.elements()), difference(sum), positive(sum);
    k::add(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, sum.data(), addition);
    k::sub(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, difference.data(), addition);
    k::add_relu(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, positive.data(), addition);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      CAPTURE(i);
      const std::int64_t a = operands.at_a(i), b = operands.at_b(i);
      REQUIRE(sum[i] == add_defined(a, b, false, addition, bits<Y>));
      REQUIRE(difference[i] == add_defined(a, b, true, addition, bits<Y>));
      REQUIRE(positive[i] == std::max<std::int64_t>(0, add_defined(a, b, false, addition, bits<Y>)));
    }
  }
}

template <class A, class B, class Y>
double largest_distance_from_real() {
  Random random(seed);
  double largest = 0;
  for (int draw = 0; draw < 2000; ++draw) {
    const Operands<A, B> operands(random);
    const Scales scales = random_scales(random);
    std::vector<Y> sum(operands.elements()), difference(sum);
    const k::Addition addition = derived<A, B, Y>(scales.a, scales.b, scales.y);
    k::add(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, sum.data(), addition);
    k::sub(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, difference.data(), addition);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const double a = operands.at_a(i) * scales.a, b = operands.at_b(i) * scales.b;
      largest = std::max({largest, distance(sum[i], (a + b) / scales.y), distance(difference[i], (a - b) / scales.y)});
    }
  }
  return largest;
}

}  // namespace

static_assert(adds_by_hand());

TEST_CASE("a few sums give what was computed by hand") { CHECK(adds_by_hand()); }

TEST_CASE("a sum and a difference are their definition, for all types, shapes and scales") {
  compare_random_cases_of_add<int8_t, int8_t, int8_t>(2000);
  compare_random_cases_of_add<int8_t, int8_t, int16_t>(500);
  compare_random_cases_of_add<int8_t, int16_t, int8_t>(500);
  compare_random_cases_of_add<int16_t, int8_t, int16_t>(500);
  compare_random_cases_of_add<int16_t, int16_t, int16_t>(1000);
  compare_random_cases_of_add<int16_t, int16_t, int8_t>(500);
}

TEST_CASE("all pairs of int8 codes are within one step of the real sum") {
  const AllPairs pairs;
  const Scales all_scales[] = {
      {0.01, 0.01, 0.02}, {0.01, 0.013, 0.017}, {0.5, 0.001, 0.4}, {1e-6, 3.0, 3.0}, {0.02, 0.03, 0.005}};
  for (const Scales& scales : all_scales) {
    CAPTURE(scales.a);
    CAPTURE(scales.b);
    const k::Addition addition = derived<int8_t, int8_t, int8_t>(scales.a, scales.b, scales.y);
    std::vector<int8_t> sum(65536), difference(65536);
    k::add(pairs.a.data(), pairs.shape, pairs.b.data(), pairs.shape, sum.data(), addition);
    k::sub(pairs.a.data(), pairs.shape, pairs.b.data(), pairs.shape, difference.data(), addition);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const double a = pairs.a[i] * scales.a, b = pairs.b[i] * scales.b;
      REQUIRE(sum[i] == add_defined(pairs.a[i], pairs.b[i], false, addition, 8));
      REQUIRE(difference[i] == add_defined(pairs.a[i], pairs.b[i], true, addition, 8));
      REQUIRE(distance(sum[i], (a + b) / scales.y) <= 1);
      REQUIRE(distance(difference[i], (a - b) / scales.y) <= 1);
    }
  }
}

TEST_CASE("sums differ from real arithmetic by at most 1 for int8 and 3 for int16") {
  CHECK(largest_distance_from_real<int8_t, int8_t, int8_t>() == 1);
  CHECK(largest_distance_from_real<int16_t, int8_t, int8_t>() == 1);
  CHECK(largest_distance_from_real<int16_t, int16_t, int8_t>() == 1);
  for (const double largest :
       {largest_distance_from_real<int8_t, int8_t, int16_t>(), largest_distance_from_real<int8_t, int16_t, int16_t>(),
        largest_distance_from_real<int16_t, int16_t, int16_t>()}) {
    CHECK(largest <= 3);
    CHECK(largest >= 1);  // or the comparison compares nothing
  }
}

TEST_CASE("no sum of codes within the stated bounds passes int32") {
  const q::Shape one(1);
  const auto check = [&](auto larger, auto smaller, std::uint8_t shift) {
    for (const bool second_is_larger : {false, true}) {
      const k::Addition addition{shift, 32767, second_is_larger, {16384, 0, 15}};
      int16_t y = 0;
      const auto run = [&](auto a, auto b) {
        k::add(&a, one, &b, one, &y, addition);
        CHECK(y == add_defined(a, b, false, addition, 16));
        k::sub(&a, one, &b, one, &y, addition);
        CHECK(y == add_defined(a, b, true, addition, 16));
      };
      second_is_larger ? run(smaller, larger) : run(larger, smaller);
    }
  };
  for (const int16_t smaller : {int16_t{-32768}, int16_t{32767}}) {
    for (const int8_t larger : {int8_t{-128}, int8_t{127}}) check(larger, smaller, 23);
    for (const int16_t larger : {int16_t{-32768}, int16_t{32767}}) check(larger, smaller, 15);
  }
}
