// SPDX-License-Identifier: Apache-2.0
// Moves equal the kernels.
#include <quench/host/integer/rearrange.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

namespace {

// Small in most axes. Some are longer than the rows and the columns of a tile.
q::Shape shape_to_move(d::Random& random) {
  q::Shape shape = d::shape(random, d::uniform(random, 1, q::max_rank), 3);
  for (int i = 0; i < 2; ++i) shape[d::uniform(random, 0, shape.rank - 1)] = d::uniform(random, 1, i == 0 ? 20 : 150);
  return shape;
}

template <class T>
void compare_moves(d::Random& random) {
  const q::Shape shape = shape_to_move(random);
  const auto x = d::codes<T>(random, shape.elements());
  std::vector<T> expected(x.size()), given(x.size());
  int order[q::max_rank];
  std::iota(order, order + shape.rank, 0);
  std::shuffle(order, order + shape.rank, random);
  q::kernels::permute(x.data(), shape, order, expected.data());
  q::host::permute(x.data(), shape, order, given.data());
  REQUIRE(given == expected);

  const int axis = d::uniform(random, 0, shape.rank - 1), begin = d::uniform(random, 0, shape[axis] - 1);
  const int end = d::uniform(random, begin + 1, shape[axis]);
  const std::size_t part = x.size() / static_cast<std::size_t>(shape[axis]) * static_cast<std::size_t>(end - begin);
  expected.assign(part + 1, T{7});  // one more, which no slice writes
  given = expected;
  q::kernels::slice(x.data(), shape, axis, begin, end, expected.data());
  q::host::slice(x.data(), shape, axis, begin, end, given.data());
  REQUIRE(given == expected);

  int before[q::max_rank]{}, after[q::max_rank]{};
  q::Shape padded = shape;
  for (int i = 0; i < shape.rank; ++i) {
    before[i] = d::uniform(random, 0, 1) * d::uniform(random, 0, 3);
    after[i] = d::uniform(random, 0, 1) * d::uniform(random, 0, 2);
    padded[i] += before[i] + after[i];
  }
  expected.assign(static_cast<std::size_t>(padded.elements()) + 1, T{7});  // one more, which no pad writes
  given = expected;
  q::kernels::pad(x.data(), shape, before, after, expected.data());
  q::host::pad(x.data(), shape, before, after, given.data());
  REQUIRE(given == expected);
}

template <class T>
void compare_transpose(d::Random& random, int rows, int columns) {
  const int order[] = {1, 0};
  const q::Shape shape(rows, columns);
  const auto x = d::codes<T>(random, rows * columns);
  std::vector<T> expected(x.size()), given(x.size());
  q::kernels::permute(x.data(), shape, order, expected.data());
  q::host::permute(x.data(), shape, order, given.data());
  REQUIRE(given == expected);
}

}  // namespace

TEST_CASE("moves equal the kernels, for every width of integers, any shape and any order of axes") {
  constexpr unsigned seed = 20261204;
  CAPTURE(seed);
  d::Random random(seed);
  for (int draw = 0; draw < 400; ++draw) {
    CAPTURE(draw);
    compare_moves<std::int8_t>(random);
    compare_moves<std::int16_t>(random);
    compare_moves<std::int32_t>(random);
  }
}

TEST_CASE("matrices of every small size are transposed") {
  d::Random random(1);
  for (int rows = 1; rows < 40; ++rows)
    for (const int columns : {1, 2, 3, 4, 7, 8, 15, 16, 17, 63, 64, 65, 130}) {
      CAPTURE(rows);
      CAPTURE(columns);
      compare_transpose<std::int8_t>(random, rows, columns);
      compare_transpose<std::int16_t>(random, rows, columns);
      compare_transpose<std::int32_t>(random, rows, columns);
    }
}

TEST_CASE("rows are copied, and nothing beside them") {
  d::Random random(2);
  for (std::size_t width = 0; width < 300; ++width) {
    CAPTURE(width);
    const auto x = d::codes<std::int8_t>(random, static_cast<int>(2 * (width + 1)));
    std::vector<std::int8_t> expected(2 * (width + 2), 7), given = expected;
    for (std::size_t row = 0; row < 2; ++row)
      std::copy_n(x.data() + row * (width + 1), width, expected.data() + row * (width + 2));
    q::host::copy_rows(x.data(), width + 1, given.data(), width + 2, 2, width);
    REQUIRE(given == expected);
  }
}

TEST_CASE("rows of tables equal the kernel, also for indices outside the table") {
  d::Random random(3);
  for (const int size : {1, 3, 16, 17, 300}) {
    CAPTURE(size);
    const std::vector<std::int32_t> indices{2, -1, 0, 4, 4, 5, INT32_MIN, INT32_MAX};
    const int count = static_cast<int>(indices.size()), rows = 5;
    const auto table = d::codes<std::int16_t>(random, rows * size);
    std::vector<std::int16_t> expected(static_cast<std::size_t>(count * size)), given(expected.size());
    q::kernels::embedding(indices.data(), table.data(), expected.data(), count, rows, size);
    q::host::embedding(indices.data(), table.data(), given.data(), count, rows, size);
    CHECK(given == expected);
  }
}
