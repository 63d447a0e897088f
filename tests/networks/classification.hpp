// SPDX-License-Identifier: Apache-2.0
// Small networks that classify: squeeze and excitation as in EfficientNet, and a ShuffleNet that mixes channels.
#pragma once

#include <array>

#include <quench/network.hpp>

#include "networks/conv_bn.hpp"

namespace classification {

namespace q = quench;

using networks::ConvBn;

// The gate of a map: one factor for each channel.
template <int Channels, int Squeezed, class Gate>
struct SqueezeExcite {
  q::GlobalAvgPool2d pool;
  q::Conv2d reduce{.in_channels = Channels, .out_channels = Squeezed, .kernel_size = 1};
  q::ReLU relu{};
  q::Conv2d expand{.in_channels = Squeezed, .out_channels = Channels, .kernel_size = 1};
  Gate gate{};
  q::FloatFunctional scale;
  constexpr auto forward(auto x) const { return scale.mul(x, gate(expand(relu(reduce(pool(x)))))); }
};

// Tan and Le 2019, "EfficientNet": expand, depthwise, excite, project.
template <int Channels, int Kernel>
struct MbConv {
  ConvBn<Channels, 4 * Channels, 1> expand;
  q::SiLU act1, act2;
  ConvBn<4 * Channels, 4 * Channels, Kernel, 1, 4 * Channels> depthwise;
  SqueezeExcite<4 * Channels, Channels / 2, q::Sigmoid> excite;
  ConvBn<4 * Channels, Channels, 1> project;
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const {
    auto y = act2(depthwise.forward(act1(expand.forward(x))));
    return skip.add(x, project.forward(excite.forward(y)));
  }
};

struct EfficientNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 12, 12>>;
  q::QuantStub quant;
  ConvBn<3, 4, 3, 2> stem;
  q::SiLU stem_act;
  MbConv<4, 3> block1;
  MbConv<4, 5> block2;
  q::GlobalAvgPool2d pool;
  q::Linear classifier{.in_features = 4, .out_features = 5};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = block2.forward(block1.forward(stem_act(stem.forward(quant(image)))));
    return dequant(classifier(q::flatten(pool(x))));
  }
};

// Ma et al. 2018, "ShuffleNet V2": half of the channels pass, the other half is computed, then both are shuffled.
struct Shuffle {
  ConvBn<4, 4, 1> first, last;
  ConvBn<4, 4, 3, 1, 4> depthwise;
  q::ReLU relu{};
  q::FloatFunctional join;
  constexpr auto forward(auto x) const {
    auto passed = q::slice(x, 2, 0, 4), computed = q::slice(x, 2, 4, 8);
    computed = relu(last.forward(depthwise.forward(relu(first.forward(computed)))));
    auto both = q::reshape(join.cat(passed, computed), {6, 6, 2, 4});
    return q::reshape(q::permute(both, {0, 1, 3, 2}), {6, 6, 8});
  }
};

struct ShuffleNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 12, 12>>;
  q::QuantStub quant;
  ConvBn<1, 8, 3, 2> stem;
  q::ReLU relu{};
  std::array<Shuffle, 2> blocks;
  q::GlobalAvgPool2d pool;
  q::Linear classifier{.in_features = 8, .out_features = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = relu(stem.forward(quant(image)));
    for (const auto& block : blocks) x = block.forward(x);
    return dequant(classifier(q::flatten(pool(x))));
  }
};

}  // namespace classification
