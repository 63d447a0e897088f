// SPDX-License-Identifier: Apache-2.0
// A call with the elements of a tuple.
#include <quench/ground/apply.hpp>

#include <doctest/doctest.h>

#include <array>

namespace g = quench::ground;

static_assert(g::apply([](int a, int b) { return 10 * a + b; }, std::tuple{1, 2}) == 12);
static_assert(g::apply([] { return 3; }, std::tuple<>{}) == 3);

TEST_CASE("a call gets the elements themselves, and its result is what it returns") {
  std::tuple<int, float> elements{1, 2.5f};
  int& first = g::apply(
      [](int& a, float& b) -> int& {
        b = 4;
        return a;
      },
      elements);
  first = 7;
  CHECK(elements == std::tuple{7, 4.0f});
  const std::array<int, 3> three{1, 2, 3};
  CHECK(g::apply([](const auto&... each) { return (each + ...); }, three) == 6);
}
