// SPDX-License-Identifier: Apache-2.0
#include <quench/network/float_functional.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

constexpr bool each_operation_writes_its_call() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol a = calls.input(Shape(6, 6)), b = calls.input(Shape(6, 6));
  const auto is = [&](q::Symbol result, Operator op, int operands, int line) {
    const q::Node& node = calls[result];
    if (node.op != op || node.module != 4 || node.line != line || node.operand_count != operands) return false;
    return calls.graph().operand(node, 0) == a.node() && (operands == 1 || calls.graph().operand(node, 1) == b.node());
  };
  return is(f.add(a, b), Operator::Add, 2, __LINE__) && is(f.sub(a, b), Operator::Sub, 2, __LINE__) &&
         is(f.mul(a, b), Operator::Mul, 2, __LINE__) && is(f.add_relu(a, b), Operator::AddReLU, 2, __LINE__) &&
         is(f.maximum(a, b), Operator::Maximum, 2, __LINE__) && is(f.minimum(a, b), Operator::Minimum, 2, __LINE__) &&
         is(f.matmul(a, b), Operator::MatMul, 2, __LINE__) && is(f.cat(a, b), Operator::Cat, 2, __LINE__) &&
         is(f.add_scalar(a, 2.0f), Operator::AddScalar, 1, __LINE__) &&
         is(f.mul_scalar(a, 2.0f), Operator::MulScalar, 1, __LINE__) && is(f.sum(a, 0), Operator::Sum, 1, __LINE__) &&
         is(f.mean(a, {0, 1}), Operator::Mean, 1, __LINE__) && calls.modules[4].calls == 12;
}

constexpr bool cat_takes_any_number() {
  Calls calls;
  const q::FloatFunctional f{.module_index = q::ModuleIndex(4)};
  const q::Symbol x[] = {calls.input(Shape(2, 1)), calls.input(Shape(2, 2)), calls.input(Shape(2, 3)),
                         calls.input(Shape(2, 4)), calls.input(Shape(2, 5))};
  const q::Node& node = calls[f.cat(x[4], x[2], x[0], x[1], x[3])];
  const int line = __LINE__ - 1;
  const int expected[] = {4, 2, 0, 1, 3};
  for (int i = 0; i < 5; ++i)
    if (calls.graph().operand(node, i) != expected[i]) return false;
  return is_call(node, Operator::Cat, 4, line, Shape(2, 15)) && node.operand_count == 5;
}

constexpr bool constants_are_kept() {
  q::Settings half, minus;
  half.parameters[0] = 0.5f;
  minus.parameters[0] = -3.0f;
  Calls calls;
  const q::FloatFunctional f;
  const q::Symbol x = calls.input(Shape(8, 6, 4));
  return same_settings(calls[f.add_scalar(x, 0.5f)].settings, half) &&
         same_settings(calls[f.mul_scalar(x, -3.0f)].settings, minus);
}

constexpr bool axes_and_keepdim_are_kept() {
  q::Settings kept, vanished;
  kept.axis_count = 2;
  kept.axes[1] = 1;
  kept.keepdim = true;
  vanished.axis_count = 1;
  vanished.axes[0] = 2;
  Calls calls;
  const q::FloatFunctional f;
  const q::Symbol x = calls.input(Shape(8, 6, 4));
  const q::Node& sum = calls[f.sum(x, {0, 1}, true)];
  const q::Node& mean = calls[f.mean(x, -1)];
  return sum.shape == Shape(1, 1, 4) && same_settings(sum.settings, kept) && mean.shape == Shape(8, 6) &&
         same_settings(mean.settings, vanished);
}

}  // namespace

static_assert(each_operation_writes_its_call());
static_assert(cat_takes_any_number());
static_assert(constants_are_kept());
static_assert(axes_and_keepdim_are_kept());

TEST_CASE("each operation writes its operator, its operands and its line") { CHECK(each_operation_writes_its_call()); }
TEST_CASE("cat joins any number of tensors in their order") { CHECK(cat_takes_any_number()); }
TEST_CASE("constants are kept") { CHECK(constants_are_kept()); }
TEST_CASE("axes and keepdim are kept") { CHECK(axes_and_keepdim_are_kept()); }
