// SPDX-License-Identifier: Apache-2.0
// DS-CNN, depthwise separable convolutions for keyword spotting (Zhang et al. 2017, "Hello Edge"), as MLPerf Tiny has it: 10
// coefficients of 49 frames of a second of sound, 12 words. Full size: 64 channels, 23,756 parameters. Keras counts the running
// statistics of 9 batch norms too, and says 24,908.
#pragma once

#include <array>

#include <quench/network.hpp>

namespace networks {

template <int Channels>
struct Separable {
  quench::Conv2d depthwise{
      .in_channels = Channels, .out_channels = Channels, .kernel_size = 3, .padding = 1, .groups = Channels};
  quench::BatchNorm2d bn1{.channels = Channels};
  quench::Conv2d pointwise{.in_channels = Channels, .out_channels = Channels, .kernel_size = 1};
  quench::BatchNorm2d bn2{.channels = Channels};
  quench::ReLU relu;
  constexpr auto forward(auto x) const { return relu(bn2(pointwise(relu(bn1(depthwise(x)))))); }
};

template <int Channels = 64>
struct DsCnn {
  using Inputs = quench::Inputs<quench::Features<49, 10, 1>>;

  quench::QuantStub quant;
  quench::Conv2d conv{.in_channels = 1,
                      .out_channels = Channels,
                      .kernel_size = {10, 4},
                      .stride = 2,
                      .padding = quench::Padding::Same};
  quench::BatchNorm2d bn{.channels = Channels};
  quench::ReLU relu;
  std::array<Separable<Channels>, 4> blocks;
  quench::GlobalAvgPool2d pool;
  quench::Linear classifier{.in_features = Channels, .out_features = 12};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto sound) const {
    auto x = quench::sequential(blocks, relu(bn(conv(quant(sound)))));
    return dequant(classifier(quench::flatten(pool(x))));
  }
};

}  // namespace networks
