// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/scalar.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool computes_by_hand() {
  constexpr int8_t x[] = {1, -128, 127}, sums[] = {4, -125, 127}, negatives[] = {-1, 127, -127};
  int8_t sum[3]{}, negative[3]{}, same[3]{};
  k::add_scalar(x, sum, 3, {.shift = 2, .constant = 10, .requantization = {16384, 0, 16}});
  k::mul_scalar(x, negative, 3, true);
  k::mul_scalar(x, same, 3, false);
  for (int i = 0; i < 3; ++i)
    if (sum[i] != sums[i] || negative[i] != negatives[i] || same[i] != x[i]) return false;
  return true;
}

template <class T>
std::vector<T> all_codes() {
  std::vector<T> all;
  for (int code = std::numeric_limits<T>::min(); code <= std::numeric_limits<T>::max(); ++code)
    all.push_back(static_cast<T>(code));
  return all;
}

// The sum of x at its scale and a constant: k as large as the constant allows.
template <class X, class Y>
void compare_sums(int allowed) {
  CAPTURE(seed);
  Random random(seed);
  const std::vector<X> x = all_codes<X>();
  std::vector<Y> y(x.size());
  double largest = 0;
  for (int draw = 0; draw < (sizeof(X) == 1 ? 2000 : 20); ++draw) {
    CAPTURE(draw);
    const double scale = std::exp2(uniform(random, -10.0, 10.0));
    const double constant = uniform(random, -1.5, 1.5) * scale * std::exp2(uniform(random, -4.0, bits<X> + 3.0));
    const double y_scale =
        std::max(scale * std::exp2(bits<X>), std::abs(constant)) / std::exp2(bits<Y>) * uniform(random, 0.5, 1.5);
    k::ScalarAddition addition;
    int shift = sizeof(X) == 1 ? 23 : 15;
    while (std::abs(constant) / scale * std::exp2(shift) > std::exp2(30)) --shift;
    addition.shift = static_cast<std::uint8_t>(shift);
    addition.constant = static_cast<std::int32_t>(std::floor(constant / scale * std::exp2(shift) + 0.5));
    addition.requantization = derived(scale / std::exp2(shift) / y_scale, bits<Y>, From::Accumulator);
    k::add_scalar(x.data(), y.data(), static_cast<int>(x.size()), addition);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::int64_t sum = x[i] * (std::int64_t{1} << shift) + addition.constant;
      REQUIRE(y[i] == requantized(sum, addition.requantization, bits<Y>));
      largest = std::max(largest, distance(y[i], (x[i] * scale + constant) / y_scale));
    }
  }
  CHECK(largest <= allowed);
  CHECK(largest >= 1);  // or the comparison compares nothing
}

template <class T>
void compare_products() {
  const std::vector<T> x = all_codes<T>();
  std::vector<T> same(x.size()), negative(x.size());
  k::mul_scalar(x.data(), same.data(), static_cast<int>(x.size()), false);
  k::mul_scalar(x.data(), negative.data(), static_cast<int>(x.size()), true);
  CHECK(same == x);
  for (std::size_t i = 0; i < x.size(); ++i)
    REQUIRE(negative[i] == std::min<int>(-x[i], std::numeric_limits<T>::max()));
}

}  // namespace

static_assert(computes_by_hand());

TEST_CASE("a few sums and products with a constant give what was computed by hand") { CHECK(computes_by_hand()); }

TEST_CASE("every code plus a constant is within 1 of the real sum for int8, within 3 for int16") {
  compare_sums<int8_t, int8_t>(1);
  compare_sums<int8_t, int16_t>(3);
  compare_sums<int16_t, int8_t>(1);
  compare_sums<int16_t, int16_t>(3);
}

TEST_CASE("every code times a constant keeps its magnitude, held inside its type") {
  compare_products<int8_t>();
  compare_products<int16_t>();
}

TEST_CASE("no sum with a constant within the stated bounds passes int32") {
  for (const std::int32_t constant : {-(1 << 30), 1 << 30}) {
    const int8_t narrow[] = {-128, 127};
    const int16_t wide[] = {-32768, 32767};
    int16_t y[2]{};
    k::add_scalar(narrow, y, 2, {23, constant, {16384, 15, 16}});
    for (int i = 0; i < 2; ++i)
      CHECK(y[i] == requantized(narrow[i] * (std::int64_t{1} << 23) + constant, {16384, 15, 16}, 16));
    k::add_scalar(wide, y, 2, {15, constant, {16384, 15, 16}});
    for (int i = 0; i < 2; ++i)
      CHECK(y[i] == requantized(wide[i] * (std::int64_t{1} << 15) + constant, {16384, 15, 16}, 16));
  }
}
