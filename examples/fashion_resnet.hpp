// SPDX-License-Identifier: Apache-2.0
// A residual network for 28 x 28 gray images: three blocks of 16, 32 and 64 channels. Trainer and firmware include it.
#pragma once

#include <quench/network.hpp>

template <int In, int Out, int Stride>
struct ResidualBlock {
  quench::Conv2d conv1{
      .in_channels = In, .out_channels = Out, .kernel_size = 3, .stride = Stride, .padding = 1, .bias = false};
  quench::BatchNorm2d bn1{.channels = Out};
  quench::ReLU relu;
  quench::Conv2d conv2{.in_channels = Out, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d bn2{.channels = Out};
  quench::Conv2d shortcut{.in_channels = In, .out_channels = Out, .kernel_size = 1, .stride = Stride, .bias = false};
  quench::BatchNorm2d shortcut_bn{.channels = Out};
  quench::FloatFunctional add;

  constexpr auto forward(auto x) const {
    auto y = bn2(conv2(relu(bn1(conv1(x)))));
    return add.add_relu(shortcut_bn(shortcut(x)), y);
  }
};

struct FashionResNet {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredGray, 28, 28>>;

  quench::QuantStub quant;
  quench::Conv2d stem{.in_channels = 1, .out_channels = 16, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d stem_bn{.channels = 16};
  quench::ReLU relu;
  ResidualBlock<16, 16, 1> block1;
  ResidualBlock<16, 32, 2> block2;
  ResidualBlock<32, 64, 2> block3;
  quench::GlobalAvgPool2d pool;
  quench::Linear classifier{.in_features = 64, .out_features = 10};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = relu(stem_bn(stem(quant(image))));
    x = block3.forward(block2.forward(block1.forward(x)));
    return dequant(classifier(quench::flatten(pool(x))));
  }
};
