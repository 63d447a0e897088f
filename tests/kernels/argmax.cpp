// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/argmax.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool finds_by_hand() {
  constexpr std::int32_t x[] = {100, 120, 60, INT32_MIN, INT32_MIN, INT32_MIN};
  constexpr std::uint16_t multipliers[] = {32768, 16384, 32768};
  std::int32_t raw[2]{}, scaled[2]{}, columns[3]{};
  k::argmax(x, q::Shape(2, 3), 1, nullptr, raw);
  k::argmax(x, q::Shape(2, 3), 1, multipliers, scaled);
  k::argmax(x, q::Shape(2, 3), 0, nullptr, columns);
  return raw[0] == 1 && raw[1] == 0 && scaled[0] == 0 && scaled[1] == 1 && columns[0] == 0 && columns[2] == 0;
}

template <class X>
void compare_random_cases_of_argmax() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 2000; ++draw) {
    CAPTURE(draw);
    const q::Shape x_shape = shape(random, uniform(random, 1, 4), 6);
    const int axis = uniform(random, 0, x_shape.rank - 1);
    q::Shape y_shape = x_shape;
    y_shape[axis] = 1;
    auto x = codes<X>(random, x_shape.elements());
    if (draw % 3 == 0)  // many ties
      for (X& code : x) code = static_cast<X>(code & 1);
    std::vector<std::uint16_t> multipliers;
    for (int i = 0; i < x_shape[axis]; ++i)
      multipliers.push_back(static_cast<std::uint16_t>(draw % 5 == 0 ? 32768 : uniform(random, 0, 32768)));
    const bool has_multipliers = draw % 2 == 0;
    std::vector<std::int32_t> y(static_cast<std::size_t>(y_shape.elements()));
    k::argmax(x.data(), x_shape, axis, has_multipliers ? multipliers.data() : nullptr, y.data());
    for (int i = 0; i < y_shape.elements(); ++i) {
      std::vector<int> at = index_of(i, y_shape);
      std::vector<std::int64_t> values;
      for (int j = 0; j < x_shape[axis]; ++j) {
        at[static_cast<std::size_t>(axis)] = j;
        const std::int64_t code = x[place_of(at, x_shape)];
        values.push_back(has_multipliers ? code * multipliers[static_cast<std::size_t>(j)] : code);
      }
      // std::max_element gives the first of equal values.
      REQUIRE(y[static_cast<std::size_t>(i)] == std::max_element(values.begin(), values.end()) - values.begin());
    }
  }
}

}  // namespace

static_assert(finds_by_hand());

TEST_CASE("a few rows have the largest value where it was found by hand") { CHECK(finds_by_hand()); }

TEST_CASE("argmax finds the first of the largest values along any axis") {
  compare_random_cases_of_argmax<std::int8_t>();
  compare_random_cases_of_argmax<std::int16_t>();
  compare_random_cases_of_argmax<std::int32_t>();
}

TEST_CASE("values of channels with different scales compare as the numbers they stand for") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 5000; ++draw) {
    CAPTURE(draw);
    std::vector<double> scales, real;
    const int classes = uniform(random, 2, 12);
    for (int c = 0; c < classes; ++c) scales.push_back(std::exp2(uniform(random, -6.0, 0.0)));
    const double largest = *std::max_element(scales.begin(), scales.end());
    std::vector<std::uint16_t> multipliers;
    for (const double scale : scales)
      multipliers.push_back(static_cast<std::uint16_t>(std::lround(scale / largest * 32768)));
    const auto x = codes<std::int32_t>(random, classes);
    for (std::size_t c = 0; c < x.size(); ++c) real.push_back(x[c] * scales[c]);
    std::int32_t best = 0;
    k::argmax(x.data(), q::Shape(classes), 0, multipliers.data(), &best);
    // A multiplier of a scale 2^-6 of the largest one is right to 1 part in 1024.
    const double found = real[static_cast<std::size_t>(best)], most = *std::max_element(real.begin(), real.end());
    REQUIRE(found >= most - std::abs(most) / 512);
  }
}
