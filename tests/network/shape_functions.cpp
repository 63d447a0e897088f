// SPDX-License-Identifier: Apache-2.0
#include <quench/network/shape_functions.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr bool each_writes_its_call() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(8, 6, 4));
  const auto is = [&](q::Symbol result, Operator op, Shape shape, int line) {
    return is_call(calls[result], op, -1, line, shape) && calls.graph().operand(calls[result], 0) == x.node();
  };
  return is(q::flatten(x), Operator::Flatten, Shape(192), __LINE__) &&
         is(q::reshape(x, {2, 96}), Operator::Reshape, Shape(2, 96), __LINE__) &&
         is(q::reshape(x, -1), Operator::Reshape, Shape(192), __LINE__) &&
         is(q::permute(x, {1, 0, 2}), Operator::Permute, Shape(6, 8, 4), __LINE__) &&
         is(q::slice(x, 1, 2, 5), Operator::Slice, Shape(8, 3, 4), __LINE__) &&
         is(q::slice(x, -1, -3, -1), Operator::Slice, Shape(8, 6, 2), __LINE__) &&
         is(q::pad(x, {{1, 2}, {0, 3}, {0, 0}}), Operator::Pad, Shape(11, 9, 4), __LINE__);
}

constexpr bool margins_are_kept_by_axis() {
  q::Settings expected;
  expected.axis_count = 3;
  expected.begin[0] = 1;
  expected.end[0] = 2;
  expected.end[1] = 3;
  expected.begin[2] = 4;
  Calls calls;
  return same_settings(calls[q::pad(calls.input(Shape(8, 6, 4)), {{1, 2}, {0, 3}, {4, 0}})].settings, expected);
}

constexpr bool positions_are_kept_resolved() {
  q::Settings expected;
  expected.axis_count = 1;
  expected.axes[0] = 1;
  expected.begin[0] = 1;
  expected.end[0] = 5;
  Calls calls;
  return same_settings(calls[q::slice(calls.input(Shape(8, 6, 4)), -2, 1, -1)].settings, expected);
}

constexpr bool extents_and_orders_are_kept() {
  q::Settings expected;
  expected.axis_count = 3;
  expected.axes[0] = 2;
  expected.axes[2] = 1;
  q::Settings open;
  open.axis_count = 2;
  open.axes[0] = 2;
  open.axes[1] = -1;
  Calls calls;
  const q::Symbol x = calls.input(Shape(8, 6, 4));
  return same_settings(calls[q::permute(x, {-1, 0, 1})].settings, expected) &&
         same_settings(calls[q::reshape(x, {2, -1})].settings, open);
}

// Writing past the end would be refused by the compiler.
constexpr bool too_many_margins_are_counted() {
  Calls calls;
  const q::Symbol x = calls.input(Shape(1, 1, 1, 1, 1, 1));
  const q::Settings pad = calls[q::pad(x, {{1, 2}, {1, 2}, {1, 2}, {1, 2}, {1, 2}, {1, 2}, {7, 7}, {7, 7}})].settings;
  return pad.axis_count == 8 && pad.begin[5] == 1 && pad.end[5] == 2;
}

}  // namespace

static_assert(each_writes_its_call());
static_assert(margins_are_kept_by_axis());
static_assert(positions_are_kept_resolved());
static_assert(extents_and_orders_are_kept());
static_assert(too_many_margins_are_counted());

TEST_CASE("shape functions write their operator and line, and belong to no module") { CHECK(each_writes_its_call()); }
TEST_CASE("margins are kept by axis") { CHECK(margins_are_kept_by_axis()); }
TEST_CASE("positions from the end are kept as positions from the begin") { CHECK(positions_are_kept_resolved()); }
TEST_CASE("extents and orders are kept") { CHECK(extents_and_orders_are_kept()); }
TEST_CASE("more margins than axes are counted and not written past the end") { CHECK(too_many_margins_are_counted()); }
