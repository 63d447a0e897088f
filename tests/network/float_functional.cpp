// SPDX-License-Identifier: Apache-2.0
#include <quench/network/float_functional.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;

TEST_CASE("each operation writes its operator, its operands and its line") {
  Calls calls;
  const q::FloatFunctional f{.module_index = {4}};
  const q::Symbol a = calls.input(q::Shape(6, 6)), b = calls.input(q::Shape(6, 6));
  const auto is = [&](q::Symbol result, q::Operator op, int operands, int line) {
    const q::Node& node = calls[result];
    const bool in_order = calls.graph().operand(node, 0) == a.node() &&
                          (operands == 1 || calls.graph().operand(node, 1) == b.node());
    return node.op == op && node.operand_count == operands && in_order && node.module == 4 && node.line == line;
  };
  CHECK(is(f.add(a, b), q::Operator::Add, 2, __LINE__));
  CHECK(is(f.sub(a, b), q::Operator::Sub, 2, __LINE__));
  CHECK(is(f.mul(a, b), q::Operator::Mul, 2, __LINE__));
  CHECK(is(f.add_relu(a, b), q::Operator::AddReLU, 2, __LINE__));
  CHECK(is(f.maximum(a, b), q::Operator::Maximum, 2, __LINE__));
  CHECK(is(f.minimum(a, b), q::Operator::Minimum, 2, __LINE__));
  CHECK(is(f.matmul(a, b), q::Operator::MatMul, 2, __LINE__));
  CHECK(is(f.cat(a, b), q::Operator::Cat, 2, __LINE__));
  CHECK(is(f.cat(a, b, a, b, a), q::Operator::Cat, 5, __LINE__));
  CHECK(is(f.add_scalar(a, 2.0f), q::Operator::AddScalar, 1, __LINE__));
  CHECK(is(f.mul_scalar(a, 2.0f), q::Operator::MulScalar, 1, __LINE__));
  CHECK(is(f.sum(a, 0), q::Operator::Sum, 1, __LINE__));
  CHECK(is(f.mean(a, {0, 1}), q::Operator::Mean, 1, __LINE__));
  CHECK(calls.modules[4].calls == 13);
}

TEST_CASE("constants, axes and keepdim are kept") {
  Calls calls;
  const q::FloatFunctional f;
  const q::Symbol x = calls.input(q::Shape(8, 6, 4));
  CHECK(calls[f.add_scalar(x, 0.5f)].settings.scalar == 0.5f);
  CHECK(calls[f.mul_scalar(x, -3.0f)].settings.scalar == -3.0f);
  CHECK(calls[f.sum(x, {0, 1}, true)].shape == q::Shape(1, 1, 4));
  CHECK(calls[f.mean(x, -1)].shape == q::Shape(8, 6));
  CHECK(calls[f.cat(x, x, x)].shape == q::Shape(8, 6, 12));
}
