// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/embedding.hpp>

#include <doctest/doctest.h>

namespace {

template <class Code>
constexpr bool copies_rows() {
  constexpr std::int32_t indices[] = {2, 0, 2, -1, INT32_MIN, 3, INT32_MAX};
  constexpr Code table[] = {1, 2, 3, 4, -128, 127},
                 expected[] = {-128, 127, 1, 2, -128, 127, 1, 2, 1, 2, -128, 127, -128, 127};
  Code y[15]{};
  y[14] = 7;
  quench::kernels::embedding(indices, table, y, 7, 3, 2);
  for (int i = 0; i < 14; ++i)
    if (y[i] != expected[i]) return false;
  return y[14] == 7;
}

}  // namespace

static_assert(copies_rows<std::int8_t>() && copies_rows<std::int16_t>());

TEST_CASE("an embedding copies the row of each index, and the nearest one of an index outside the table") {
  CHECK(copies_rows<std::int8_t>());
  CHECK(copies_rows<std::int16_t>());
}
