// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/functions.hpp>

#include <vector>

#include <doctest/doctest.h>

namespace q = quench;

#include <quench/network.hpp>

TEST_CASE("functions and their slopes agree with differences, and with known values") {
  q::Node node;
  node.settings.parameters[0] = 0.25f;
  for (const q::Operator op : {q::Operator::Sigmoid, q::Operator::Tanh, q::Operator::SiLU, q::Operator::GELU,
                               q::Operator::LeakyReLU, q::Operator::HardSwish, q::Operator::HardSigmoid}) {
    node.op = op;
    for (double x = -4.05; x < 4; x += 0.3) {
      const double step = 1e-5;
      const double slope =
          (q::execution::function_value(node, x + step) - q::execution::function_value(node, x - step)) / (2 * step);
      CHECK(q::execution::function_slope(node, x) == doctest::Approx(slope).epsilon(1e-6));
    }
  }
  node.op = q::Operator::GELU;
  CHECK(q::execution::function_value(node, 1) == doctest::Approx(0.8413447460685429));
  node.op = q::Operator::SiLU;
  CHECK(q::execution::function_value(node, 1) == doctest::Approx(0.7310585786300049));
  node.op = q::Operator::LeakyReLU;
  CHECK(q::execution::function_value(node, -2) == -0.5);
  // torch.nn.functional.hardswish(x), .hardsigmoid(x), onnx HardSigmoid(x) by hand.
  node.op = q::Operator::HardSwish;
  const double x[] = {-5, -3, -1, 0, 1.5, 3, 4}, swish[] = {0, 0, -1.0 / 3, 0, 1.125, 3, 4};
  for (int i = 0; i < 7; ++i) CHECK(q::execution::function_value(node, x[i]) == doctest::Approx(swish[i]));
  node.op = q::Operator::HardSigmoid;
  node.settings.parameters[0] = 1.0f / 6;
  node.settings.parameters[1] = 0.5f;
  const double sigmoid[] = {0, 0, 1.0 / 3, 0.5, 0.75, 1, 1};
  for (int i = 0; i < 7; ++i) CHECK(q::execution::function_value(node, x[i]) == doctest::Approx(sigmoid[i]));
  node.settings.parameters[0] = 0.2f;
  CHECK(q::execution::function_value(node, -1) == doctest::Approx(0.3));
  CHECK(q::execution::function_value(node, 2.5) == doctest::Approx(1));
}

TEST_CASE("at a corner the slope is that of PyTorch") {
  const auto slope = [](q::Operator op, double x, std::vector<float> parameters) {
    q::Node node;
    node.op = op;
    std::copy(parameters.begin(), parameters.end(), node.settings.parameters);
    return q::execution::function_slope(node, x);
  };
  CHECK(slope(q::Operator::LeakyReLU, 0, {0.25f}) == 0.25);
  for (const double corner : {-3.0, 3.0}) CHECK(slope(q::Operator::HardSigmoid, corner, {1.0f / 6, 0.5f}) == 0);
  CHECK(slope(q::Operator::HardSwish, -3, {}) == 0);
  CHECK(slope(q::Operator::HardSwish, 3, {}) == 1);
}
