// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/cat.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool joins_by_hand() {
  constexpr int8_t a[] = {1, 2, 3, 4}, b[] = {10, 20};
  constexpr int8_t columns[] = {1, 2, 5, 3, 4, 10}, rows[] = {1, 2, 3, 4, 10, 20};
  int8_t by_columns[6]{}, by_rows[6]{};
  const q::Shape wide(2, 3), tall(3, 2);
  int next = k::cat(a, q::Shape(2, 2), by_columns, wide, 1, 0);
  if (next != 2 || k::cat(b, q::Shape(2, 1), by_columns, wide, 1, next, {16384, 0, 15}) != 3) return false;
  next = k::cat(a, q::Shape(2, 2), by_rows, tall, 0, 0);
  if (next != 2 || k::cat(b, q::Shape(1, 2), by_rows, tall, 0, next) != 3) return false;
  for (int i = 0; i < 6; ++i)
    if (by_columns[i] != columns[i] || by_rows[i] != rows[i]) return false;
  return true;
}

template <class X, class Y>
void compare_random_cases_of_cat() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 1000; ++draw) {
    CAPTURE(draw);
    const int rank = uniform(random, 1, 4), axis = uniform(random, 0, rank - 1), inputs = uniform(random, 1, 4);
    q::Shape y_shape = shape(random, rank, 4);
    y_shape[axis] = 0;
    std::vector<q::Shape> shapes;
    for (int i = 0; i < inputs; ++i) {
      shapes.push_back(y_shape);
      shapes.back()[axis] = uniform(random, 1, 4);
    }
    for (const q::Shape& x_shape : shapes) y_shape[axis] += x_shape[axis];
    std::vector<Y> y(static_cast<std::size_t>(y_shape.elements())), expected(y.size());
    int begin = 0, expected_begin = 0;
    for (const q::Shape& x_shape : shapes) {
      const auto x = codes<X>(random, x_shape.elements());
      const q::Requantization record =
          uniform(random, 0, 1) == 0
              ? k::same_scale
              : derived(std::ldexp(uniform(random, 0.4, 2.0), bits<Y> - bits<X>), bits<Y>, From::Code);
      begin = k::cat(x.data(), x_shape, y.data(), y_shape, axis, begin, record);
      for (int i = 0; i < x_shape.elements(); ++i) {
        std::vector<int> at = index_of(i, x_shape);
        at[static_cast<std::size_t>(axis)] += expected_begin;
        const X code = x[static_cast<std::size_t>(i)];
        expected[place_of(at, y_shape)] =
            static_cast<Y>(record == k::same_scale ? saturated(code, bits<Y>) : requantized(code, record, bits<Y>));
      }
      expected_begin += x_shape[axis];
      REQUIRE(begin == expected_begin);
    }
    REQUIRE(y == expected);
  }
}

}  // namespace

static_assert(joins_by_hand());

TEST_CASE("two small tensors are joined along either axis") { CHECK(joins_by_hand()); }

TEST_CASE("any number of tensors is joined along any axis, each at its own scale") {
  compare_random_cases_of_cat<int8_t, int8_t>();
  compare_random_cases_of_cat<int8_t, int16_t>();
  compare_random_cases_of_cat<int16_t, int8_t>();
  compare_random_cases_of_cat<int16_t, int16_t>();
}
