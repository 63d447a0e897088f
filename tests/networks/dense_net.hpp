// SPDX-License-Identifier: Apache-2.0
// The first stage of DenseNet-121 (Huang et al. 2017, "Densely Connected Convolutional Networks"), up to its first transition, with
// the structure and the names of torchvision. Batch norms that follow no conv are ChannelAffines. Full size: 64 channels
// that grow by 32, 377,856 parameters, of which the block has 335,040 and the transition 33,280.
#pragma once

#include <array>

#include <quench/network.hpp>

namespace networks {

namespace dense_net {

namespace q = quench;

template <int In, int Growth>
struct DenseLayer {
  q::ChannelAffine norm1{.channels = In};
  q::ReLU relu1;
  q::Conv2d conv1{.in_channels = In, .out_channels = 4 * Growth, .kernel_size = 1, .bias = false};
  q::BatchNorm2d norm2{.channels = 4 * Growth};
  q::ReLU relu2;
  q::Conv2d conv2{.in_channels = 4 * Growth, .out_channels = Growth, .kernel_size = 3, .padding = 1, .bias = false};
  constexpr auto forward(auto x) const { return conv2(relu2(norm2(conv1(relu1(norm1(x)))))); }
};

// Each layer sees the maps of all layers before it.
template <int In, int G>
struct DenseBlock {
  DenseLayer<In, G> denselayer1;
  DenseLayer<In + G, G> denselayer2;
  DenseLayer<In + 2 * G, G> denselayer3;
  DenseLayer<In + 3 * G, G> denselayer4;
  DenseLayer<In + 4 * G, G> denselayer5;
  DenseLayer<In + 5 * G, G> denselayer6;
  std::array<q::FloatFunctional, 6> join;
  constexpr auto forward(auto x) const {
    auto a = denselayer1.forward(x);
    auto b = denselayer2.forward(join[0].cat(x, a));
    auto c = denselayer3.forward(join[1].cat(x, a, b));
    auto d = denselayer4.forward(join[2].cat(x, a, b, c));
    auto e = denselayer5.forward(join[3].cat(x, a, b, c, d));
    auto f = denselayer6.forward(join[4].cat(x, a, b, c, d, e));
    return join[5].cat(x, a, b, c, d, e, f);
  }
};

template <int In, int Out>
struct Transition {
  q::ChannelAffine norm{.channels = In};
  q::ReLU relu;
  q::Conv2d conv{.in_channels = In, .out_channels = Out, .kernel_size = 1, .bias = false};
  q::AvgPool2d pool{.kernel_size = 2, .stride = 2};
  constexpr auto forward(auto x) const { return pool(conv(relu(norm(x)))); }
};

template <int Width, int Growth>
struct Features {
  q::Conv2d conv0{.in_channels = 3, .out_channels = Width, .kernel_size = 7, .stride = 2, .padding = 3, .bias = false};
  q::BatchNorm2d norm0{.channels = Width};
  q::ReLU relu0;
  q::MaxPool2d pool0{.kernel_size = 3, .stride = 2, .padding = 1};
  DenseBlock<Width, Growth> denseblock1;
  Transition<Width + 6 * Growth, (Width + 6 * Growth) / 2> transition1;
  constexpr auto forward(auto x) const {
    return transition1.forward(denseblock1.forward(pool0(relu0(norm0(conv0(x))))));
  }
};

}  // namespace dense_net

template <int Size = 224, int Width = 64, int Growth = 32>
struct DenseNetStage {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, Size, Size>>;
  quench::QuantStub quant;
  dense_net::Features<Width, Growth> features;
  quench::DeQuantStub dequant;
  constexpr auto forward(auto image) const { return dequant(features.forward(quant(image))); }
};

}  // namespace networks
