// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/classes.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("of equal values the first class wins") {
  std::vector<int> classes(2);
  const int values[] = {1, 3, 3, -5, -4, -6};
  q::detail::write_classes(
      2, 3, [&](int i) { return values[i]; }, classes.data());
  CHECK(classes == std::vector<int>{1, 1});
  CHECK(q::detail::float_classes(q::Shape(2), std::vector<float>{0, 0, -1, 2}) == std::vector<int>{0, 1});
}
