// SPDX-License-Identifier: Apache-2.0
#include <quench/integer/functions.hpp>

#include <doctest/doctest.h>

namespace q = quench;

#include <quench/network.hpp>

TEST_CASE("functions and their slopes agree with differences, and with known values") {
  q::Node node;
  node.settings.parameters[0] = 0.25f;
  for (const q::Operator op :
       {q::Operator::Sigmoid, q::Operator::Tanh, q::Operator::SiLU, q::Operator::GELU, q::Operator::LeakyReLU}) {
    node.op = op;
    for (double x = -4.05; x < 4; x += 0.3) {
      const double step = 1e-5;
      const double slope =
          (q::detail::function_value(node, x + step) - q::detail::function_value(node, x - step)) / (2 * step);
      CHECK(q::detail::function_slope(node, x) == doctest::Approx(slope).epsilon(1e-6));
    }
  }
  node.op = q::Operator::GELU;
  CHECK(q::detail::function_value(node, 1) == doctest::Approx(0.8413447460685429));
  node.op = q::Operator::SiLU;
  CHECK(q::detail::function_value(node, 1) == doctest::Approx(0.7310585786300049));
  node.op = q::Operator::LeakyReLU;
  CHECK(q::detail::function_value(node, -2) == -0.5);
}
