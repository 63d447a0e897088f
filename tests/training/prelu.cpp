// SPDX-License-Identifier: Apache-2.0
#include <quench/training/prelu.hpp>

#include <cmath>

#include "networks/per_channel.hpp"
#include "training/probe.hpp"

namespace t = quench::training;

namespace {

struct Values {
  quench::Node node;
  std::vector<float> x, y, gx, gy, weight, weight_gradient;
  t::Operand operand;
  t::Call call;

  Values(std::vector<float> from, std::vector<float> slopes)
      : x(std::move(from)),
        y(x.size()),
        gx(x.size(), 1.0f),
        gy(x.size()),
        weight(std::move(slopes)),
        weight_gradient(weight.size(), 1.0f),
        operand{x.data(), gx.data(), quench::Shape(static_cast<int>(x.size() / 2))},
        call{&node, 2, &operand, {y.data(), gy.data(), operand.shape}} {
    node.settings.in_channels = static_cast<int>(weight.size());
    for (std::size_t i = 0; i < gy.size(); ++i) gy[i] = static_cast<float>(std::pow(10, i));
    t::prelu_forward(call, {weight.data()});
    t::prelu_backward(call, {weight.data(), nullptr, weight_gradient.data(), nullptr});
  }
};

}  // namespace

TEST_CASE("PReLU does what torch.nn.PReLU does, with one slope and with one for each channel") {
  const Values channels({2, -4, -3, 0}, {0.5f, -2});
  CHECK(channels.y == std::vector<float>{2, 8, -1.5f, 0});
  CHECK(channels.gx == std::vector<float>{2, -19, 51, -1999});  // at 0 the slope is the weight
  CHECK(channels.weight_gradient == std::vector<float>{-299, -39});
  const Values one({2, -4, -3, 0}, {0.5f});
  CHECK(one.y == std::vector<float>{2, -2, -1.5f, 0});
  CHECK(one.gx == std::vector<float>{2, 6, 51, 501});
  CHECK(one.weight_gradient == std::vector<float>{-339});
  CHECK(std::isnan(Values({std::nanf(""), 1}, {0.5f}).y[0]));
}

TEST_CASE("the gradient of a slope is summed in double") {
  const std::size_t count = 1 << 20;
  std::vector<float> x(count, -1.0f), y(count), gy(count, 0.1f), slope{0.5f}, gradient(1);
  quench::Node node;
  node.settings.in_channels = 1;
  const t::Operand operand{x.data(), nullptr, quench::Shape(static_cast<int>(count))};
  t::prelu_backward({&node, 1, &operand, {y.data(), gy.data(), operand.shape}},
                    {slope.data(), nullptr, gradient.data()});
  CHECK(static_cast<double>(gradient[0]) == doctest::Approx(-0.1 * static_cast<double>(count)).epsilon(1e-6));
}

TEST_CASE("the gradients of PReLU are those of its forward pass") {
  probe::Probe<per_channel::Slopes>(10).check(probe::with_corners);
}
