// SPDX-License-Identifier: Apache-2.0
#include <quench/training/broadcast.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

namespace q = quench;

namespace {

// The index of an element of y in a repeated array, by division.
std::size_t index_of(std::size_t element, const q::Extents& x, const q::Extents& y) {
  std::size_t index = 0, stride = 1;
  for (std::size_t back = 1; back <= x.rank; ++back) {
    const std::size_t extent = x[x.rank - back], at = element % y[y.rank - back];
    index += extent == 1 ? 0 : at * stride;
    stride *= extent;
    element /= y[y.rank - back];
  }
  return index;
}

void check(std::initializer_list<int> a_list, std::initializer_list<int> b_list, std::initializer_list<int> y_list) {
  const q::Extents a(a_list), b(b_list), y(y_list);
  CAPTURE(a.text());
  CAPTURE(b.text());
  std::size_t element = 0;
  q::training::for_each_pair(a, b, y, [&](std::size_t i, std::size_t j, std::size_t k) {
    REQUIRE(k == element);
    REQUIRE(i == index_of(element, a, y));
    REQUIRE(j == index_of(element, b, y));
    ++element;
  });
  CHECK(element == y.elements());
}

}  // namespace

TEST_CASE("the walk over a pair visits each element of the result, in order, with its indices in both operands") {
  check({2, 3, 4}, {2, 3, 4}, {2, 3, 4});
  check({2, 3, 4}, {4}, {2, 3, 4});
  check({2, 1, 4}, {3, 1}, {2, 3, 4});
  check({1}, {5, 2}, {5, 2});
  check({}, {3}, {3});
  check({}, {}, {});
  check({1, 1}, {1}, {4, 5});
  check({0, 3}, {1, 3}, {0, 3});
  check({3, 0}, {1}, {3, 0});
  check({2, 1, 3, 1, 2, 1, 3, 1}, {1, 2, 1, 3, 1, 2, 1, 3}, {2, 2, 3, 3, 2, 2, 3, 3});
}
