// SPDX-License-Identifier: Apache-2.0
#include <quench/types/shape.hpp>

#include <doctest/doctest.h>

using quench::Shape;

namespace {

constexpr bool counts_elements() {
  return Shape(8, 6, 4).elements() == 192 && Shape(7).elements() == 7 && Shape().elements() == 1 &&
         Shape(3, 0, 5).elements() == 0 && Shape(1, 2, 3, 4, 5, 6).elements() == 720;
}

constexpr bool holds_what_is_too_many() {
  return Shape(46341, 46341).elements() == quench::max_elements && Shape(46340, 46340).elements() == 46340 * 46340 &&
         Shape(1 << 30, 1 << 30, 1 << 30).elements() == quench::max_elements &&
         quench::saturating_sum(quench::max_elements, 1) == quench::max_elements && quench::saturating_sum(2, 3) == 5;
}

constexpr bool compares_rank_and_extents() {
  return Shape(1, 2) == Shape(1, 2) && !(Shape(1, 2) == Shape(2, 1)) && !(Shape(1, 2) == Shape(1, 2, 1)) &&
         Shape() == Shape();
}

constexpr bool channels_are_last() {
  Shape shape(8, 6, 4), none;
  shape.set_channels(5);
  none.set_channels(5);
  return shape == Shape(8, 6, 5) && shape.channels() == 5 && none.channels() == 0 && none == Shape();
}

constexpr bool sequence_is_a_map_of_one_row() {
  return as_map(Shape(9, 4)) == Shape(1, 9, 4) && as_map(Shape(5, 9, 4)) == Shape(5, 9, 4) &&
         as_map(Shape(4)) == Shape(4);
}

}  // namespace

static_assert(counts_elements());
static_assert(holds_what_is_too_many());
static_assert(compares_rank_and_extents());
static_assert(channels_are_last());
static_assert(sequence_is_a_map_of_one_row());

TEST_CASE("the number of elements is the product of the extents") { CHECK(counts_elements()); }
TEST_CASE("products that an int cannot hold are held at the limit") { CHECK(holds_what_is_too_many()); }
TEST_CASE("shapes are equal if rank and extents are") { CHECK(compares_rank_and_extents()); }
TEST_CASE("the channels are the last extent") { CHECK(channels_are_last()); }
TEST_CASE("a sequence is a map of one row") { CHECK(sequence_is_a_map_of_one_row()); }
