// SPDX-License-Identifier: Apache-2.0
#include <quench/network/shape_functions.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;

TEST_CASE("shape functions write their operator and line, and belong to no module") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(8, 6, 4));
  const auto is = [&](q::Symbol result, q::Operator op, q::Shape shape, int line) {
    const q::Node& node = calls[result];
    return node.op == op && node.shape == shape && node.line == line && node.module == -1 && node.shapes_agree;
  };
  CHECK(is(q::flatten(x), q::Operator::Flatten, q::Shape(192), __LINE__));
  CHECK(is(q::reshape(x, {2, 96}), q::Operator::Reshape, q::Shape(2, 96), __LINE__));
  CHECK(is(q::reshape(x, -1), q::Operator::Reshape, q::Shape(192), __LINE__));
  CHECK(is(q::permute(x, {1, 0, 2}), q::Operator::Permute, q::Shape(6, 8, 4), __LINE__));
  CHECK(is(q::slice(x, 1, 2, 5), q::Operator::Slice, q::Shape(8, 3, 4), __LINE__));
  CHECK(is(q::slice(x, -1, -3, -1), q::Operator::Slice, q::Shape(8, 6, 2), __LINE__));
  CHECK(is(q::pad(x, {{1, 2}, {0, 3}, {0, 0}}), q::Operator::Pad, q::Shape(11, 9, 4), __LINE__));
}

TEST_CASE("margins and positions are kept by axis") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(8, 6, 4));
  const q::Settings pad = calls[q::pad(x, {{1, 2}, {0, 3}, {4, 0}})].settings;
  CHECK(pad.axis_count == 3);
  CHECK(pad.begin[0] == 1);
  CHECK(pad.end[0] == 2);
  CHECK(pad.end[1] == 3);
  CHECK(pad.begin[2] == 4);
  const q::Settings slice = calls[q::slice(x, -2, 1, -1)].settings;
  CHECK(slice.axes[0] == 1);
  CHECK(slice.begin[0] == 1);
  CHECK(slice.end[0] == 5);
}

TEST_CASE("more margins than axes are counted and not written past the end") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(1, 1, 1, 1, 1, 1));
  CHECK(calls[q::pad(x, {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}})].settings.axis_count == 8);
}
