// SPDX-License-Identifier: Apache-2.0
#include <quench/training/layer_norm.hpp>

#include "training/probe.hpp"

namespace q = quench;

TEST_CASE("the gradients of norms of rows are those of their forward passes") {
  probe::Probe<operators::RowNorms>(7).check(probe::with_corners);  // a ReLU has one
}

namespace {

struct Case {
  q::Node node;
  std::vector<float> x, weight, bias, y, gy, gx, gw, gb;

  Case(q::Operator op, std::vector<float> values, float eps) : x(std::move(values)), y(x.size()), gy(x), gx(x.size()) {
    node.op = op;
    node.settings.axis_count = 1;
    node.settings.axes[0] = 2;
    node.settings.epsilon = eps;
  }
  q::training::LayerParameters parameters() {
    const auto pointer = [](std::vector<float>& values) { return values.empty() ? nullptr : values.data(); };
    return {pointer(weight), pointer(bias), pointer(gw), pointer(gb)};
  }
  void run() {
    const q::training::Operand operand{x.data(), gx.data(), q::Shape(2)};
    const q::training::Call call{&node, static_cast<int>(x.size()) / 2, &operand, {y.data(), gy.data(), q::Shape(2)}};
    q::training::row_norm_forward(call, parameters());
    q::training::row_norm_backward(call, parameters());
  }
};

}  // namespace

TEST_CASE("norms of rows have the values of their definition") {
  Case layer_norm(q::Operator::LayerNorm, {1, 3, -8, -8}, 3);  // variances 1 and 0: deviations 2 and sqrt(3)
  layer_norm.weight = {4, 2};
  layer_norm.bias = {0.5f, -1};
  layer_norm.gy = {1, 0, 0, 3};
  layer_norm.gw = layer_norm.gb = {10, 20};
  layer_norm.run();
  CHECK(layer_norm.y == std::vector<float>{-1.5f, 0, 0.5f, -1});
  CHECK(layer_norm.gw == std::vector<float>{9.5f, 20});
  CHECK(layer_norm.gb == std::vector<float>{11, 23});
  // g = {4, 0}: the mean is 2 and that of g z is -1, so (4 - 2 - 1/2) / 2 and (0 - 2 + 1/2) / 2.
  CHECK(layer_norm.gx[0] == 0.75f);
  CHECK(layer_norm.gx[1] == -0.75f);

  Case rms_norm(q::Operator::RMSNorm, {1, 7}, 11);  // the mean of squares is 25: 6
  rms_norm.weight = {3, 6};
  rms_norm.run();
  CHECK(rms_norm.y == std::vector<float>{0.5f, 7});

  Case plain(q::Operator::RMSNorm, {1, 7}, 11);
  plain.run();
  CHECK(plain.y[1] == doctest::Approx(7.0 / 6));
}

TEST_CASE("a large mean leaves the variance exact, and eps is the only deviation of equal values") {
  Case large(q::Operator::LayerNorm, {1e6f, 1e6f + 1, 1e6f, 1e6f}, 1e-5f);
  large.run();
  CHECK(large.y[0] == doctest::Approx(-0.5 / std::sqrt(0.25 + 1e-5)));
  CHECK(large.y[2] == 0);
}
