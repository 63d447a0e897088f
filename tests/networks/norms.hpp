// SPDX-License-Identifier: Apache-2.0
// Small networks with batch norms that follow no conv: a ResNet whose blocks begin with the activation, ConvMixer, RepVGG, and a
// perceptron.
#pragma once

#include <array>
#include <tuple>

#include <quench/network.hpp>

#include "networks/conv_bn.hpp"

namespace norms {

namespace q = quench;

// A batch norm that follows no conv or linear becomes part of a ChannelAffine.
template <int Channels>
struct Norm {
  q::ChannelAffine scale{.channels = Channels};
  q::BatchNorm2d bn{.channels = Channels};
  constexpr auto forward(auto x) const { return bn(scale(x)); }
};

using networks::ConvBn;

// He et al. 2016, "Identity Mappings in Deep Residual Networks". A block with another size has a conv in its shortcut, after the first
// activation.
template <int Channels>
struct PreActivation {
  Norm<Channels> norm;
  q::ReLU relu{};
  ConvBn<Channels, Channels, 3> conv1;
  q::Conv2d conv2{.in_channels = Channels, .out_channels = Channels, .kernel_size = 3, .padding = 1, .bias = false};
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const { return skip.add(x, conv2(relu(conv1.forward(relu(norm.forward(x)))))); }
};

template <int In, int Out>
struct PreActivationDown {
  Norm<In> norm;
  q::ReLU relu{};
  ConvBn<In, Out, 3, 2> conv1;
  q::Conv2d conv2{.in_channels = Out, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false},
      shortcut{.in_channels = In, .out_channels = Out, .kernel_size = 1, .stride = 2, .bias = false};
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const {
    auto y = relu(norm.forward(x));
    return skip.add(shortcut(y), conv2(relu(conv1.forward(y))));
  }
};

struct PreActivationResNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d stem{.in_channels = 1, .out_channels = 4, .kernel_size = 3, .padding = 1, .bias = false};
  std::array<PreActivation<4>, 2> blocks;
  PreActivationDown<4, 6> down;
  PreActivation<6> last;
  Norm<6> norm;
  q::ReLU relu{};
  q::GlobalAvgPool2d pool;
  q::Linear classifier{.in_features = 6, .out_features = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = stem(quant(image));
    for (const auto& block : blocks) x = block.forward(x);
    x = relu(norm.forward(last.forward(down.forward(x))));
    return dequant(classifier(q::flatten(pool(x))));
  }
};

// Trockman and Kolter 2022, "Patches Are All You Need?": each conv is followed by GELU, and only then by the batch norm.
template <int Channels, int Kernel>
struct Mixer {
  q::Conv2d spatial{.in_channels = Channels,
                    .out_channels = Channels,
                    .kernel_size = Kernel,
                    .padding = Kernel / 2,
                    .groups = Channels};
  q::GELU act1, act2;
  Norm<Channels> norm1, norm2;
  q::FloatFunctional skip;
  q::Conv2d channels{.in_channels = Channels, .out_channels = Channels, .kernel_size = 1};
  constexpr auto forward(auto x) const {
    x = skip.add(x, norm1.forward(act1(spatial(x))));
    return norm2.forward(act2(channels(x)));
  }
};

struct ConvMixer {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 12, 12>>;
  q::QuantStub quant;
  q::Conv2d patches{.in_channels = 3, .out_channels = 6, .kernel_size = 2, .stride = 2};
  q::GELU act;
  Norm<6> norm;
  std::array<Mixer<6, 5>, 2> blocks;
  q::GlobalAvgPool2d pool;
  q::Linear classifier{.in_features = 6, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = norm.forward(act(patches(quant(image))));
    for (const auto& block : blocks) x = block.forward(x);
    return dequant(classifier(q::flatten(pool(x))));
  }
};

// Ding et al. 2021, "RepVGG": branches of 3 x 3, of 1 x 1 and of nothing, each with a batch norm.
template <int Channels>
struct RepVggBlock {
  ConvBn<Channels, Channels, 3> wide;
  ConvBn<Channels, Channels, 1> narrow;
  Norm<Channels> identity;
  q::FloatFunctional add1, add2;
  q::ReLU relu{};
  constexpr auto forward(auto x) const {
    return relu(add2.add(add1.add(wide.forward(x), narrow.forward(x)), identity.forward(x)));
  }
};

template <int In, int Out>
struct RepVggDown {
  ConvBn<In, Out, 3, 2> wide;
  ConvBn<In, Out, 1, 2> narrow;
  q::FloatFunctional add;
  q::ReLU relu{};
  constexpr auto forward(auto x) const { return relu(add.add(wide.forward(x), narrow.forward(x))); }
};

struct RepVgg {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 12, 12>>;
  q::QuantStub quant;
  RepVggDown<3, 4> stage1;
  RepVggBlock<4> block1;
  RepVggDown<4, 6> stage2;
  RepVggBlock<6> block2, block3;
  q::GlobalAvgPool2d pool;
  q::Linear classifier{.in_features = 6, .out_features = 5};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = block1.forward(stage1.forward(quant(image)));
    x = block3.forward(block2.forward(stage2.forward(x)));
    return dequant(classifier(q::flatten(pool(x))));
  }
};

// A perceptron whose batch norm follows the activation.
struct Perceptron {
  using Inputs = q::Inputs<q::Features<8>>;
  q::QuantStub quant;
  q::Linear first{.in_features = 8, .out_features = 6}, second{.in_features = 6, .out_features = 3};
  q::ReLU relu{};
  Norm<6> norm;
  q::DeQuantStub dequant;
  constexpr auto forward(auto features) const { return dequant(second(norm.forward(relu(first(quant(features)))))); }
};

}  // namespace norms
