// SPDX-License-Identifier: Apache-2.0
#include <quench/network/activations.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;

namespace {

template <class Activation>
void check(q::Operator op) {
  Calls calls;
  Activation activation;
  activation.module_index.value = 2;
  const q::Node& node = calls[activation(calls.input(q::Shape(5, 3)))];
  const int line = __LINE__ - 1;
  CHECK(node.op == op);
  CHECK(node.module == 2);
  CHECK(node.line == line);
  CHECK(node.shape == q::Shape(5, 3));
}

}  // namespace

TEST_CASE("activations keep the shape") {
  check<q::ReLU>(q::Operator::ReLU);
  check<q::ReLU6>(q::Operator::ReLU6);
  check<q::LeakyReLU>(q::Operator::LeakyReLU);
  check<q::Sigmoid>(q::Operator::Sigmoid);
  check<q::Tanh>(q::Operator::Tanh);
  check<q::SiLU>(q::Operator::SiLU);
  check<q::GELU>(q::Operator::GELU);
  check<q::Softmax>(q::Operator::Softmax);
}

TEST_CASE("a LeakyReLU keeps its slope") {
  Calls calls;
  const q::Symbol x = calls.input(q::Shape(5));
  CHECK(calls[q::LeakyReLU{}(x)].settings.negative_slope == 0.01f);
  CHECK(calls[q::LeakyReLU{.negative_slope = 0.2f}(x)].settings.negative_slope == 0.2f);
}
