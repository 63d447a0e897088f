// SPDX-License-Identifier: Apache-2.0
// The network that training and inference are timed with: 28 x 28, four convolutions, one residual sum.
#pragma once

#include <quench/network.hpp>

struct SmallNetwork {
  using Inputs = quench::Inputs<quench::Features<28, 28, 1>>;
  quench::QuantStub quant;
  quench::Conv2d conv1{.in_channels = 1, .out_channels = 16, .kernel_size = 3, .padding = 1};
  quench::Conv2d conv2{.in_channels = 16, .out_channels = 32, .kernel_size = 3, .stride = 2, .padding = 1};
  quench::Conv2d conv3{.in_channels = 32, .out_channels = 32, .kernel_size = 3, .padding = 1};
  quench::Conv2d conv4{.in_channels = 32, .out_channels = 64, .kernel_size = 3, .stride = 2, .padding = 1};
  quench::ReLU relu1{}, relu2{}, relu4{};
  quench::FloatFunctional add;
  quench::GlobalAvgPool2d pool;
  quench::Linear classifier{.in_features = 64, .out_features = 10};
  quench::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    const auto y = relu2(conv2(relu1(conv1(quant(x)))));
    return dequant(classifier(quench::flatten(pool(relu4(conv4(add.add_relu(conv3(y), y)))))));
  }
};
