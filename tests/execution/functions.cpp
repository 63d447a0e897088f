// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/functions.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace q = quench;

#include <quench/kernels/lookup.hpp>
#include <quench/network.hpp>
#include <quench/tensors/tables.hpp>

TEST_CASE("functions and their slopes agree with differences, and with known values") {
  q::Node node;
  node.settings.parameters[0] = 0.25f;
  node.settings.parameters[1] = 0.75f;
  for (const q::OperatorRow& row : q::OperatorRows::of) {
    if (row.family != q::Family::Function) continue;
    node.op = row.op;
    CAPTURE(std::string(row.name.begin(), row.name.end()));
    for (double x = -4.06; x < 4; x += 0.3) {
      const double step = 1e-5;
      if (!std::isfinite(q::execution::function_value(node, x))) continue;  // outside the domain
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

TEST_CASE("functions have the values of PyTorch") {
  const auto value = [](q::Operator op, double x, std::vector<float> parameters = {}) {
    q::Node node;
    node.op = op;
    std::copy(parameters.begin(), parameters.end(), node.settings.parameters);
    return doctest::Approx(q::execution::function_value(node, x)).epsilon(1e-12);
  };
  using O = q::Operator;
  const double ln2 = 0.693147180559945309417, e = 2.71828182845904523536;
  for (const auto& [x, y] : {std::pair(-3.0, -1.5), std::pair(-1.5, -1.5), std::pair(0.25, 0.25), std::pair(9.0, 4.0)})
    CHECK(value(O::Clamp, x, {-1.5f, 4}) == y);
  CHECK(value(O::ELU, 2, {1}) == 2);
  CHECK(value(O::ELU, -1, {1}) == 1 / e - 1);
  CHECK(value(O::ELU, -ln2, {0.5f}) == -0.25);
  CHECK(value(O::Softplus, 0, {1, 20}) == ln2);
  CHECK(value(O::Softplus, 0, {2, 20}) == ln2 / 2);
  CHECK(value(O::Softplus, 1, {2, 20}) == std::log(1 + e * e) / 2);
  CHECK(value(O::Softplus, 1.5, {2, 2.5f}) == 1.5);  // above the threshold
  CHECK(value(O::Softplus, -1000, {1, 20}) == 0);
  CHECK(value(O::Softplus, 1000, {1, 20}) == 1000);
  CHECK(value(O::Mish, 0) == 0);
  CHECK(value(O::Mish, 1) == std::tanh(std::log(1 + e)));
  CHECK(value(O::Mish, 1000) == 1000);
  CHECK(value(O::Mish, -1000) == 0);
  CHECK(value(O::Abs, -3) == 3);
  CHECK(value(O::Square, -3) == 9);
  CHECK(value(O::Exp, 1) == e);
  CHECK(value(O::Log, 2) == ln2);
  CHECK(value(O::Sqrt, 6.25) == 2.5);
  CHECK(value(O::Rsqrt, 4) == 0.5);
  CHECK(value(O::Reciprocal, -4) == -0.25);
}

TEST_CASE("outside its domain a function has the value of PyTorch, and on integers that of the end of the domain") {
  const double infinity = std::numeric_limits<double>::infinity();
  q::Node node;
  const auto values = [&node](q::Operator op, double x) {
    node.op = op;
    return std::pair(q::execution::function_value(node, x), q::execution::function_value_of_code(node, x));
  };
  using Values = std::pair<double, double>;
  CHECK(values(q::Operator::Log, 0) == Values(-infinity, -infinity));
  CHECK(values(q::Operator::Rsqrt, 0) == Values(infinity, infinity));
  CHECK(values(q::Operator::Reciprocal, 0) == Values(infinity, infinity));
  CHECK(values(q::Operator::Reciprocal, -2) == Values(-0.5, -0.5));
  CHECK(values(q::Operator::Sqrt, 0) == Values(0, 0));
  for (const auto& [op, end] : {std::pair(q::Operator::Log, -infinity), std::pair(q::Operator::Sqrt, 0.0),
                                std::pair(q::Operator::Rsqrt, infinity)}) {
    CHECK(std::isnan(values(op, -1).first));
    CHECK(values(op, -1).second == end);
  }
  for (const q::OperatorRow& row : q::OperatorRows::of) {
    if (row.family != q::Family::Function) continue;
    node.op = row.op;
    node.settings.parameters[0] = node.settings.parameters[1] = 0.5f;
    for (const double x : {-1e6, -1.0, -0.0, 0.0, 1.2e-7, 1.0, 1e6}) {
      CHECK_FALSE(std::isnan(q::execution::function_value_of_code(node, x)));
      if (!std::isfinite(q::execution::function_value(node, x)))
        CHECK_FALSE(q::execution::function_domain(row.op).empty());
      if (x >= -1 && x <= 1) CHECK(std::isfinite(static_cast<float>(q::execution::function_slope(node, x)) * 1e-20f));
    }
  }
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
  for (const double corner : {-1.0, 2.0}) CHECK(slope(q::Operator::Clamp, corner, {-1, 2}) == 0);
  CHECK(slope(q::Operator::ELU, 0, {0.25f}) == 0.25);
  CHECK(slope(q::Operator::Abs, 0, {}) == 0);
}

namespace {

// The largest distance of an int16 table from a function on [from, to], in steps of its output. The largest value of the
// function is the greatest code.
double largest_distance(q::Operator op, double from, double to, std::vector<float> parameters = {}) {
  q::Node node;
  node.op = op;
  node.settings.parameters[0] = op == q::Operator::HardSigmoid ? 1.0f / 6 : op == q::Operator::LeakyReLU ? 0.01f : 1;
  node.settings.parameters[1] = op == q::Operator::HardSigmoid ? 0.5f : 20;
  std::copy(parameters.begin(), parameters.end(), node.settings.parameters);
  const double x_scale = to / 32767.5;
  const auto is_inside = [&](int code) { return code * x_scale >= from && code * x_scale <= to; };
  double magnitude = 0;
  for (int code = -32768; code < 32768; ++code)
    if (is_inside(code)) magnitude = std::max(magnitude, std::abs(q::execution::function_value(node, code * x_scale)));
  const double y_scale = magnitude / 32767.5;
  const auto table =
      q::piecewise_table([&](double x) { return q::execution::function_value_of_code(node, x); }, x_scale, y_scale);
  double largest = 0;
  for (int code = -32768; code < 32768; ++code) {
    if (!is_inside(code)) continue;
    const double real = std::clamp(q::execution::function_value(node, code * x_scale) / y_scale, -32768.0, 32767.0);
    largest = std::max(largest, std::abs(q::kernels::lookup(static_cast<std::int16_t>(code), table) - real));
  }
  return largest;
}

}  // namespace

TEST_CASE("int16 tables are as close to their functions as nash.md says") {
  using O = q::Operator;
  for (const double range : {1.0, 4.0, 16.0}) {
    CAPTURE(range);
    for (const O op : {O::LeakyReLU, O::SiLU, O::GELU, O::HardSwish, O::HardSigmoid, O::ELU, O::Softplus, O::Mish,
                       O::Abs, O::Square})
      CHECK(largest_distance(op, -range, range) < 3);
    CHECK(largest_distance(O::Sigmoid, -range, range) < 6);
    CHECK(largest_distance(O::Tanh, -range, range) < 14);
    CHECK(largest_distance(O::Exp, -range, range) < (range < 2 ? 2 : range < 5 ? 7 : 61));
  }
  for (const float share : {0.01f, 0.1f, 0.2f, 0.3f, 0.5f, 0.7f, 0.9f})
    for (const float ratio : {0.0f, -0.31f, -0.43f, -0.77f, -1.0f})
      for (const float jitter : {1.0f, 1.013f, 1.037f, 1.051f}) {
        CAPTURE(share);
        const float high = 4 * share * jitter;
        CHECK(largest_distance(O::Clamp, -4, 4, {ratio * high, high}) < (share < 0.05f ? 46 : share < 0.15f ? 7 : 5));
      }
  CHECK(largest_distance(O::Log, 0.25, 4) < 13);
  CHECK(largest_distance(O::Sqrt, 0.25, 4) < 16);
  CHECK(largest_distance(O::Sqrt, 0, 4) <= 84);
  CHECK(largest_distance(O::Rsqrt, 0.25, 4) < 15);
  CHECK(largest_distance(O::Reciprocal, 0.25, 4) < 1800);
}
