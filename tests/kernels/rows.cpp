// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/rows.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool walks_by_hand() {
  const k::Strides strides = k::strides_of(q::Shape(2, 3, 4));
  int rows = 0, last_a = 0, last_b = 0;
  k::for_each_row(q::Shape(2, 3, 4), strides, {}, [&](int a, int b) {
    ++rows;
    last_a = a;
    last_b = b;
  });
  return strides[0] == 12 && strides[1] == 4 && strides[2] == 1 && rows == 6 && last_a == 20 && last_b == 0 &&
         k::count_of(q::Shape(2, 3, 4), 1, 3) == 12 && k::count_of(q::Shape(2, 3, 4), 2, 2) == 1;
}

}  // namespace

static_assert(walks_by_hand());

TEST_CASE("the rows of a small tensor are walked in order") { CHECK(walks_by_hand()); }

TEST_CASE("every row is met once, at the offset its strides give") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 500; ++draw) {
    CAPTURE(draw);
    const q::Shape shape = definitions::shape(random, uniform(random, 1, q::max_rank), 4);
    k::Strides a, b;
    for (int axis = 0; axis < shape.rank; ++axis) {
      a[axis] = uniform(random, 0, 50);
      b[axis] = uniform(random, 0, 50);
    }
    int row = 0;
    k::for_each_row(shape, a, b, [&](int at_a, int at_b) {
      const std::vector<int> index = index_of(row * shape.channels(), shape);
      int expected_a = 0, expected_b = 0;
      for (int axis = 0; axis < shape.rank; ++axis) {
        expected_a += a[axis] * index[static_cast<std::size_t>(axis)];
        expected_b += b[axis] * index[static_cast<std::size_t>(axis)];
      }
      REQUIRE(at_a == expected_a);
      REQUIRE(at_b == expected_b);
      ++row;
    });
    REQUIRE(row == shape.elements() / shape.channels());
  }
}

TEST_CASE("a tensor is copied from any strides to any others") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 500; ++draw) {
    CAPTURE(draw);
    const q::Shape shape = definitions::shape(random, uniform(random, 1, 4), 3);
    // Strides that keep elements apart: those of a larger tensor, its axes in any order.
    std::vector<int> order{0, 1, 2, 3};
    const auto strides = [&] {
      std::shuffle(order.begin(), order.end(), random);
      k::Strides result;
      for (int axis = 0; axis < shape.rank; ++axis)
        result[axis] = static_cast<int>(std::pow(4, order[static_cast<std::size_t>(axis)]));
      return result;
    };
    const k::Strides from = strides(), to = strides();
    const auto x = codes<std::int16_t>(random, 256);
    std::vector<std::int16_t> y(256, 77), expected(y);
    k::copy_strided(shape, x.data(), from, y.data(), to);
    for (int i = 0; i < shape.elements(); ++i) {
      const std::vector<int> at = index_of(i, shape);
      int place_x = 0, place_y = 0;
      for (int axis = 0; axis < shape.rank; ++axis) {
        place_x += at[static_cast<std::size_t>(axis)] * from[axis];
        place_y += at[static_cast<std::size_t>(axis)] * to[axis];
      }
      expected[static_cast<std::size_t>(place_y)] = x[static_cast<std::size_t>(place_x)];
    }
    REQUIRE(y == expected);
  }
}
