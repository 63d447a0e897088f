// SPDX-License-Identifier: Apache-2.0
// TC-ResNet8 for keyword spotting (Choi et al. 2019, "Temporal Convolution for Real-time Keyword Spotting on Mobile
// Devices"): 98 frames of 40 coefficients each, which are the channels, and 12 classes. 65,180 parameters, as torch
// counts them; the paper's 66K contain the running statistics.
#pragma once

#include <quench/network.hpp>

namespace networks {

template <int In, int Out>
struct TemporalBlock {
  quench::Conv1d conv1{.in_channels = In,
                       .out_channels = Out,
                       .kernel_size = 9,
                       .stride = 2,
                       .padding = quench::Padding::Same,
                       .bias = false};
  quench::BatchNorm1d bn1{.channels = Out};
  quench::ReLU relu;
  quench::Conv1d conv2{
      .in_channels = Out, .out_channels = Out, .kernel_size = 9, .padding = quench::Padding::Same, .bias = false};
  quench::BatchNorm1d bn2{.channels = Out};
  quench::Conv1d shortcut{.in_channels = In, .out_channels = Out, .kernel_size = 1, .stride = 2, .bias = false};
  quench::BatchNorm1d shortcut_bn{.channels = Out};
  quench::FloatFunctional skip;

  constexpr auto forward(auto x) const {
    auto y = bn2(conv2(relu(bn1(conv1(x)))));
    return relu(skip.add(y, relu(shortcut_bn(shortcut(x)))));
  }
};

struct TcResNet8 {
  using Inputs = quench::Inputs<quench::Features<98, 40>>;

  quench::QuantStub quant;
  quench::Conv1d conv{
      .in_channels = 40, .out_channels = 16, .kernel_size = 3, .padding = quench::Padding::Same, .bias = false};
  quench::BatchNorm1d bn{.channels = 16};
  quench::ReLU relu;
  TemporalBlock<16, 24> block1;
  TemporalBlock<24, 32> block2;
  TemporalBlock<32, 48> block3;
  quench::AdaptiveAvgPool1d pool{.output_size = 1};
  quench::Dropout dropout{.p = 0.5f};
  quench::Linear classifier{.in_features = 48, .out_features = 12};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto features) const {
    auto x = relu(bn(conv(quant(features))));
    x = block3.forward(block2.forward(block1.forward(x)));
    return dequant(classifier(dropout(quench::flatten(pool(x)))));
  }
};

}  // namespace networks
