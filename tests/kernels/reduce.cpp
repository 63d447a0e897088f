// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/reduce.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int16_t, std::int8_t;

namespace {

constexpr bool reduce_sums_by_hand() {
  constexpr int8_t x[] = {1, 2, 3, 10, 20, 30}, rows[] = {6, 60}, columns[] = {11, 22, 33};
  int8_t by_row[2]{}, by_column[3]{}, all[1]{};
  k::reduce(x, by_row, {q::Shape(2, 3), {false, true}, {16384, 0, 14}});
  k::reduce(x, by_column, {q::Shape(2, 3), {true, false}, {16384, 0, 14}});
  k::reduce(x, all, {q::Shape(2, 3), {true, true}, {16384, 0, 15}});
  for (int i = 0; i < 2; ++i)
    if (by_row[i] != rows[i]) return false;
  for (int i = 0; i < 3; ++i)
    if (by_column[i] != columns[i]) return false;
  return all[0] == 33;
}

template <class X, class Y>
void compare_random_cases_of_reduce(int allowed) {
  CAPTURE(seed);
  Random random(seed);
  double largest = 0;
  for (int draw = 0; draw < 2000; ++draw) {
    CAPTURE(draw);
    const int rank = uniform(random, 1, 5);
    k::Reduction reduction{.x = shape(random, rank, 5)};
    q::Shape kept = reduction.x;
    for (int axis = 0; axis < rank; ++axis) {
      reduction.is_reduced[axis] = uniform(random, 0, 1) == 0;
      if (reduction.is_reduced[axis]) kept[axis] = 1;
    }
    const int count = reduction.x.elements() / kept.elements();
    const double ratio = std::ldexp(uniform(random, 0.5, 3.0), bits<Y> - bits<X>) / count;
    reduction.requantization = derived(ratio, bits<Y>, From::Accumulator);
    const auto x = codes<X>(random, reduction.x.elements());
    std::vector<std::int64_t> sums(static_cast<std::size_t>(kept.elements()));
    for (int i = 0; i < reduction.x.elements(); ++i)
      sums[place_of(index_of(i, reduction.x), kept)] += x[static_cast<std::size_t>(i)];
    std::vector<Y> y(sums.size());
    k::reduce(x.data(), y.data(), reduction);
    for (std::size_t i = 0; i < y.size(); ++i) {
      CAPTURE(i);
      REQUIRE(y[i] == requantized(sums[i], reduction.requantization, bits<Y>));
      largest = std::max(largest, distance(y[i], static_cast<double>(sums[i]) * ratio));
    }
  }
  CHECK(largest <= allowed);
  CHECK(largest >= 1);  // or the comparison compares nothing
}

}  // namespace

static_assert(reduce_sums_by_hand());

TEST_CASE("small sums over either axis give what was computed by hand") { CHECK(reduce_sums_by_hand()); }

TEST_CASE("a sum over any axes is within 1 of the real one for int8, within 3 for int16") {
  compare_random_cases_of_reduce<int8_t, int8_t>(1);
  compare_random_cases_of_reduce<int8_t, int16_t>(3);
  compare_random_cases_of_reduce<int16_t, int8_t>(1);
  compare_random_cases_of_reduce<int16_t, int16_t>(3);
}

TEST_CASE("the largest sum stays inside int32") {
  const int count = 65535;
  const std::vector<int16_t> x(count, -32768);
  const q::Requantization record = derived(1.0 / count, 16, From::Accumulator);
  int16_t y = 0;
  k::reduce(x.data(), &y, {q::Shape(5, 3, count / 15), {true, true, true}, record});
  CHECK(y == requantized(std::int64_t{count} * -32768, record, 16));
}
