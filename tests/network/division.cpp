// SPDX-License-Identifier: Apache-2.0
#include <quench/network/division.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr bool a_quotient_is_a_product_with_the_reciprocal() {
  Calls calls;
  const q::Div div{.reciprocal = {.module_index = q::ModuleIndex(2)}, .mul = {.module_index = q::ModuleIndex(3)}};
  const q::Symbol a = calls.input(Shape(4, 3)), b = calls.input(Shape(4, 1));
  const q::Node& product = calls[div(a, b)];
  const int line = __LINE__ - 1;
  const q::Node& reciprocal = calls.graph().operand_node(product, 1);
  return is_call(product, Operator::Mul, 3, line, Shape(4, 3)) && calls.graph().operand(product, 0) == a.node() &&
         is_call(reciprocal, Operator::Reciprocal, 2, line, Shape(4, 1)) &&
         calls.graph().operand(reciprocal, 0) == b.node();
}

}  // namespace

static_assert(a_quotient_is_a_product_with_the_reciprocal());

TEST_CASE("a quotient is a product with the reciprocal") { CHECK(a_quotient_is_a_product_with_the_reciprocal()); }
