// SPDX-License-Identifier: Apache-2.0
// MobileNetV2, width 1.0, for 224 x 224 images and 1000 classes (Sandler et al. 2018, "Inverted Residuals and Linear
// Bottlenecks"), as in torchvision, with names of its own: torchvision only numbers its blocks. ReLU6 after each
// convolution but the last of a block. 3,504,872 parameters.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <quench/network.hpp>

namespace networks {

template <int In, int Out, int Kernel, int Stride = 1, int Groups = 1>
struct ConvBnReLU6 {
  quench::Conv2d conv{.in_channels = In,
                      .out_channels = Out,
                      .kernel_size = Kernel,
                      .stride = Stride,
                      .padding = (Kernel - 1) / 2,
                      .groups = Groups,
                      .bias = false};
  quench::BatchNorm2d bn{.channels = Out};
  quench::ReLU6 relu;
  constexpr auto forward(auto x) const { return relu(bn(conv(x))); }
};

// The first block of the network has no expansion.
struct NoExpansion {
  constexpr auto forward(auto x) const { return x; }
};

struct Residual {
  quench::FloatFunctional skip;
  constexpr auto forward(auto x, auto y) const { return skip.add(x, y); }
};
struct NoResidual {
  constexpr auto forward(auto, auto y) const { return y; }
};

template <int In, int Out, int Stride, int Expansion>
struct InvertedResidual {
  static constexpr int hidden = In * Expansion;
  std::conditional_t<Expansion == 1, NoExpansion, ConvBnReLU6<In, hidden, 1>> expand;
  ConvBnReLU6<hidden, hidden, 3, Stride, hidden> depthwise;
  quench::Conv2d project{.in_channels = hidden, .out_channels = Out, .kernel_size = 1, .bias = false};
  quench::BatchNorm2d bn{.channels = Out};
  std::conditional_t<Stride == 1 && In == Out, Residual, NoResidual> residual;

  constexpr auto forward(auto x) const {
    return residual.forward(x, bn(project(depthwise.forward(expand.forward(x)))));
  }
};

template <int In, int Out, std::size_t Count, int Stride>
struct InvertedLayer {
  InvertedResidual<In, Out, Stride, 6> first;
  std::array<InvertedResidual<Out, Out, 1, 6>, Count - 1> rest;
  constexpr auto forward(auto x) const {
    x = first.forward(x);
    for (const auto& block : rest) x = block.forward(x);
    return x;
  }
};

struct MobileNetV2 {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 224, 224>>;

  quench::QuantStub quant;
  ConvBnReLU6<3, 32, 3, 2> stem;
  InvertedResidual<32, 16, 1, 1> layer0;
  InvertedLayer<16, 24, 2, 2> layer1;
  InvertedLayer<24, 32, 3, 2> layer2;
  InvertedLayer<32, 64, 4, 2> layer3;
  InvertedLayer<64, 96, 3, 1> layer4;
  InvertedLayer<96, 160, 3, 2> layer5;
  InvertedResidual<160, 320, 1, 6> layer6;
  ConvBnReLU6<320, 1280, 1> head;
  quench::GlobalAvgPool2d pool;
  quench::Linear classifier{.in_features = 1280, .out_features = 1000};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = layer0.forward(stem.forward(quant(image)));
    x = layer3.forward(layer2.forward(layer1.forward(x)));
    x = head.forward(layer6.forward(layer5.forward(layer4.forward(x))));
    return dequant(classifier(quench::flatten(pool(x))));
  }
};

}  // namespace networks
