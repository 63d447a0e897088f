// SPDX-License-Identifier: Apache-2.0
#include <quench/training/layers.hpp>

#include "networks/per_channel.hpp"
#include "networks/sequences.hpp"
#include "training/long_sums.hpp"
#include "training/probe.hpp"

TEST_CASE("the gradients of convolutions, linear layers and batch norms are those of their forward passes") {
  probe::Probe<operators::Layers>(1).check(probe::smooth);
  probe::Probe<sequences::Layers>(11).check(probe::with_corners);  // a ReLU has one
}

TEST_CASE("the gradients of layers with parameters for each channel are those of their forward passes") {
  probe::Probe<per_channel::Affines>(9).check(probe::with_corners);
}

TEST_CASE("gradients of weights and biases lose nothing on large maps") {
  using namespace long_sums;
  const q::Shape map{extent, extent, 1};
  const std::vector<float> weight(1, 1.0f);
  for (const q::Operator op : {q::Operator::Conv2d, q::Operator::ConvTranspose2d, q::Operator::Linear,
                               q::Operator::BatchNorm2d, q::Operator::ChannelAffine}) {
    Maps layer(op, map, map);
    std::vector<float> weight_gradient(1), bias_gradient(1);
    t::backward(layer.call, {weight.data(), nullptr, weight_gradient.data(), bias_gradient.data()});
    check_sum(static_cast<double>(bias_gradient[0]));
    CHECK(static_cast<double>(weight_gradient[0]) == doctest::Approx(0.01 * count).epsilon(1e-4));
  }
}
