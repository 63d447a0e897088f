// SPDX-License-Identifier: Apache-2.0
// The network of the examples: a small residual network for 28 x 28 gray images. The description is freestanding, so
// the trainer and the firmware use the same file.
#pragma once

// region fashion_net
#include <quench/network.hpp>

struct FashionNet {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredGray, 28, 28>>;

  quench::QuantStub quant;
  quench::Conv2d stem{.in_channels = 1, .out_channels = 16, .kernel_size = 3, .padding = 1};
  quench::BatchNorm2d stem_bn{.channels = 16};
  quench::ReLU stem_relu;
  quench::Conv2d body{.in_channels = 16, .out_channels = 16, .kernel_size = 3, .padding = 1};
  quench::FloatFunctional skip;
  quench::GlobalAvgPool2d pool;
  quench::Linear classifier{.in_features = 16, .out_features = 10};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = stem_relu(stem_bn(stem(quant(image))));
    x = skip.add(x, body(x));
    return dequant(classifier(quench::flatten(pool(x))));
  }
};
// end region
