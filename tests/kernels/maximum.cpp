// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/maximum.hpp>

#include <doctest/doctest.h>

#include "kernels/operands.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool compares_by_hand() {
  constexpr int8_t a[] = {1, -128, 100}, b[] = {2, 127, 40};
  constexpr int8_t larger[] = {2, 127, 100}, smaller[] = {1, -128, 40}, larger_halves[] = {2, 127, 50};
  int8_t most[3]{}, least[3]{}, halves[3]{};
  const q::Shape shape(3);
  k::maximum(a, shape, b, shape, most);
  k::minimum(a, shape, b, shape, least);
  k::maximum(a, shape, b, shape, halves, {.a = {16384, 0, 15}});
  for (int i = 0; i < 3; ++i)
    if (most[i] != larger[i] || least[i] != smaller[i] || halves[i] != larger_halves[i]) return false;
  return true;
}

std::int64_t brought(std::int64_t code, const q::Requantization& record, int bits) {
  return record == k::same_scale ? saturated(code, bits) : requantized(code, record, bits);
}

template <class A, class B, class Y>
void compare_random_cases_of_maximum() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 1000; ++draw) {
    CAPTURE(draw);
    const Operands<A, B> operands(random);
    const auto record = [&](int from) {
      return uniform(random, 0, 2) == 0
                 ? k::same_scale
                 : derived(std::ldexp(uniform(random, 0.4, 3.0), bits<Y> - from), bits<Y>, From::Code);
    };
    const k::Comparison comparison{record(bits<A>), record(bits<B>)};
    std::vector<Y> most(operands.elements()), least(most);
    k::maximum(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, most.data(), comparison);
    k::minimum(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, least.data(), comparison);
    for (std::size_t i = 0; i < most.size(); ++i) {
      CAPTURE(i);
      const std::int64_t a = brought(operands.at_a(i), comparison.a, bits<Y>);
      const std::int64_t b = brought(operands.at_b(i), comparison.b, bits<Y>);
      REQUIRE(most[i] == std::max(a, b));
      REQUIRE(least[i] == std::min(a, b));
    }
  }
}

}  // namespace

static_assert(compares_by_hand());

TEST_CASE("a few maxima and minima give what was computed by hand") { CHECK(compares_by_hand()); }

TEST_CASE("maximum and minimum compare at the output's scale") {
  compare_random_cases_of_maximum<int8_t, int8_t, int8_t>();
  compare_random_cases_of_maximum<int8_t, int16_t, int16_t>();
  compare_random_cases_of_maximum<int16_t, int8_t, int8_t>();
  compare_random_cases_of_maximum<int16_t, int16_t, int16_t>();
}

TEST_CASE("all pairs of int8 codes are compared, at one scale and at two") {
  const AllPairs pairs;
  const q::Requantization a = derived(0.7, 8, From::Code), b = derived(1.3, 8, From::Code);
  for (const k::Comparison& comparison : {k::Comparison{}, k::Comparison{a, b}}) {
    std::vector<int8_t> most(65536), least(65536);
    k::maximum(pairs.a.data(), pairs.shape, pairs.b.data(), pairs.shape, most.data(), comparison);
    k::minimum(pairs.a.data(), pairs.shape, pairs.b.data(), pairs.shape, least.data(), comparison);
    for (std::size_t i = 0; i < most.size(); ++i) {
      const std::int64_t at_a = brought(pairs.a[i], comparison.a, 8), at_b = brought(pairs.b[i], comparison.b, 8);
      REQUIRE(most[i] == std::max(at_a, at_b));
      REQUIRE(least[i] == std::min(at_a, at_b));
    }
  }
}
