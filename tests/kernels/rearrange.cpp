// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/rearrange.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool moves_by_hand() {
  constexpr std::int8_t x[] = {1, 2, 3, 4, 5, 6}, turned[] = {1, 4, 2, 5, 3, 6}, part[] = {2, 3, 5, 6};
  constexpr std::int8_t padded[] = {0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6};
  constexpr int order[] = {1, 0}, before[] = {1, 1}, after[] = {0, 0};
  std::int8_t a[6]{}, b[4]{}, c[12]{}, d[6]{};
  const q::Shape shape(2, 3);
  k::permute(x, shape, order, a);
  k::slice(x, shape, 1, 1, 3, b);
  k::pad(x, shape, before, after, c);
  k::copy(x, d, 6);
  for (int i = 0; i < 6; ++i)
    if (a[i] != turned[i] || d[i] != x[i]) return false;
  for (int i = 0; i < 4; ++i)
    if (b[i] != part[i]) return false;
  for (int i = 0; i < 12; ++i)
    if (c[i] != padded[i]) return false;
  return true;
}

template <class T>
void compare_random_cases() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 1000; ++draw) {
    CAPTURE(draw);
    const int rank = uniform(random, 1, q::max_rank);
    const auto count = static_cast<std::size_t>(rank);
    const q::Shape x_shape = shape(random, rank, 4);
    const auto x = codes<T>(random, x_shape.elements());

    std::vector<T> copied(x.size());
    k::copy(x.data(), copied.data(), x_shape.elements());
    REQUIRE(copied == x);

    std::vector<int> order(count);
    for (std::size_t axis = 0; axis < count; ++axis) order[axis] = static_cast<int>(axis);
    std::shuffle(order.begin(), order.end(), random);
    q::Shape permuted = x_shape;
    for (int axis = 0; axis < rank; ++axis) permuted[axis] = x_shape[order[static_cast<std::size_t>(axis)]];
    std::vector<T> y(x.size());
    k::permute(x.data(), x_shape, order.data(), y.data());
    for (int i = 0; i < permuted.elements(); ++i) {
      const std::vector<int> at = index_of(i, permuted);
      std::vector<int> from(count);
      for (std::size_t axis = 0; axis < count; ++axis) from[static_cast<std::size_t>(order[axis])] = at[axis];
      REQUIRE(y[static_cast<std::size_t>(i)] == x[place_of(from, x_shape)]);
    }

    const int axis = uniform(random, 0, rank - 1), begin = uniform(random, 0, x_shape[axis] - 1);
    const int end = uniform(random, begin + 1, x_shape[axis]);
    q::Shape sliced = x_shape;
    sliced[axis] = end - begin;
    std::vector<T> part(static_cast<std::size_t>(sliced.elements()));
    k::slice(x.data(), x_shape, axis, begin, end, part.data());
    for (int i = 0; i < sliced.elements(); ++i) {
      std::vector<int> at = index_of(i, sliced);
      at[static_cast<std::size_t>(axis)] += begin;
      REQUIRE(part[static_cast<std::size_t>(i)] == x[place_of(at, x_shape)]);
    }

    std::vector<int> before(count), after(count);
    q::Shape padded = x_shape;
    for (std::size_t a = 0; a < count; ++a) {
      before[a] = uniform(random, 0, 2);
      after[a] = uniform(random, 0, 2);
      padded[static_cast<int>(a)] += before[a] + after[a];
    }
    std::vector<T> wide(static_cast<std::size_t>(padded.elements()), T{77});
    k::pad(x.data(), x_shape, before.data(), after.data(), wide.data());
    for (int i = 0; i < padded.elements(); ++i) {
      std::vector<int> at = index_of(i, padded);
      bool inside = true;
      for (std::size_t a = 0; a < count; ++a) {
        at[a] -= before[a];
        inside = inside && at[a] >= 0 && at[a] < x_shape[static_cast<int>(a)];
      }
      REQUIRE(wide[static_cast<std::size_t>(i)] == (inside ? x[place_of(at, x_shape)] : 0));
    }
  }
}

}  // namespace

static_assert(moves_by_hand());

TEST_CASE("a small tensor is moved as by hand") { CHECK(moves_by_hand()); }

TEST_CASE("copy, permute, slice and pad put every element where its index says") {
  compare_random_cases<std::int8_t>();
  compare_random_cases<std::int16_t>();
  compare_random_cases<std::int32_t>();
}
