// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/mul.hpp>

#include <doctest/doctest.h>

#include "kernels/operands.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool mul_multiplies_by_hand() {
  constexpr int8_t a[] = {3, -3, 127, -128}, b[] = {5, 5, 127, 1}, expected[] = {8, -7, 127, -64};
  int8_t y[4]{};
  k::mul(a, q::Shape(4), b, q::Shape(4), y, {16384, 0, 15});
  for (int i = 0; i < 4; ++i)
    if (y[i] != expected[i]) return false;
  return true;
}

template <class A, class B, class Y>
void compare_random_cases_of_mul(int count, int allowed) {
  CAPTURE(seed);
  Random random(seed);
  double largest = 0;
  for (int draw = 0; draw < count; ++draw) {
    CAPTURE(draw);
    const Operands<A, B> operands(random);
    // Outputs that use the range of their type, and some beyond it.
    const double ratio = std::ldexp(uniform(random, 0.3, 8.0), bits<Y> - bits<A> - bits<B> + 1);
    const q::Requantization record = derived(ratio, bits<Y>, From::Accumulator);
    std::vector<Y> y(operands.elements());
    k::mul(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, y.data(), record);
    for (std::size_t i = 0; i < y.size(); ++i) {
      CAPTURE(i);
      const std::int64_t product = std::int64_t{operands.at_a(i)} * operands.at_b(i);
      REQUIRE(y[i] == requantized(product, record, bits<Y>));
      largest = std::max(largest, distance(y[i], static_cast<double>(product) * ratio));
    }
  }
  CHECK(largest <= allowed);
  CHECK(largest >= 1);  // or the comparison compares nothing
}

}  // namespace

static_assert(mul_multiplies_by_hand());

TEST_CASE("a few products give what was computed by hand") { CHECK(mul_multiplies_by_hand()); }

TEST_CASE("a product is its definition, and within 1 of the real one for int8, within 3 for int16") {
  compare_random_cases_of_mul<int8_t, int8_t, int8_t>(2000, 1);
  compare_random_cases_of_mul<int8_t, int8_t, int16_t>(1000, 3);
  compare_random_cases_of_mul<int16_t, int8_t, int8_t>(1000, 1);
  compare_random_cases_of_mul<int8_t, int16_t, int16_t>(1000, 3);
  compare_random_cases_of_mul<int16_t, int16_t, int16_t>(1000, 3);
}

TEST_CASE("all pairs of int8 codes are multiplied") {
  const AllPairs pairs;
  for (const double ratio : {1.0, 0.3, 1.0 / 127, 1.0 / 128, 0.0011}) {
    const q::Requantization record = derived(ratio, 8, From::Accumulator);
    std::vector<int8_t> y(65536);
    k::mul(pairs.a.data(), pairs.shape, pairs.b.data(), pairs.shape, y.data(), record);
    for (std::size_t i = 0; i < y.size(); ++i) {
      REQUIRE(y[i] == requantized(pairs.a[i] * pairs.b[i], record, 8));
      REQUIRE(distance(y[i], pairs.a[i] * pairs.b[i] * ratio) <= 1);
    }
  }
}
