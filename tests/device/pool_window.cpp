// SPDX-License-Identifier: Apache-2.0
#include <quench/device/pool_window.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("a window of a pool begins at its first tap inside the map") {
  std::int8_t map[5 * 6 * 2] = {};
  q::kernels::Pool pool{q::Shape(5, 6, 2), q::Shape(3, 2, 2), {.kernel_size = {3, 2}, .stride = {2, 3}}};
  pool.window.padding = {3, 1};
  pool.window.dilation = {2, 3};
  // Taps -3, -1, 1 of rows and -1, 2 of columns.
  const q::device::PoolWindow first(map, pool, pool.rows().taps(0), pool.columns().taps(0));
  CHECK(first.x - map == (1 * 6 + 2) * 2);
  CHECK(first.rows == 1);
  CHECK(first.columns == 1);
  // Taps 1, 3, 5 of rows and 2, 5 of columns.
  const q::device::PoolWindow last(map, pool, pool.rows().taps(2), pool.columns().taps(1));
  CHECK(last.x - map == (1 * 6 + 2) * 2);
  CHECK(last.rows == 2);
  CHECK(last.columns == 2);
  CHECK(last.row_step == 2 * 6 * 2);
  CHECK(last.column_step == 3 * 2);
}
