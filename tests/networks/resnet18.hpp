// SPDX-License-Identifier: Apache-2.0
// ResNet-18 for 224 x 224 images and 1000 classes (He et al. 2015, "Deep Residual Learning for Image Recognition"),
// with the member names of torchvision, but the blocks of a layer, which are of two types, are first and second.
// 11,689,512 parameters.
#pragma once

#include <type_traits>

#include <quench/network.hpp>

namespace networks {

template <int In, int Out, int Stride>
struct Downsample {
  quench::Conv2d conv{.in_channels = In, .out_channels = Out, .kernel_size = 1, .stride = Stride, .bias = false};
  quench::BatchNorm2d bn{.channels = Out};
  constexpr auto forward(auto x) const { return bn(conv(x)); }
};

struct Identity {
  constexpr auto forward(auto x) const { return x; }
};

template <int In, int Out, int Stride>
using Shortcut = std::conditional_t<In == Out && Stride == 1, Identity, Downsample<In, Out, Stride>>;

template <int In, int Out, int Stride = 1>
struct BasicBlock {
  quench::Conv2d conv1{
      .in_channels = In, .out_channels = Out, .kernel_size = 3, .stride = Stride, .padding = 1, .bias = false};
  quench::BatchNorm2d bn1{.channels = Out};
  quench::ReLU relu;
  quench::Conv2d conv2{.in_channels = Out, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d bn2{.channels = Out};
  Shortcut<In, Out, Stride> downsample;
  quench::FloatFunctional skip;

  constexpr auto forward(auto x) const {
    auto y = bn2(conv2(relu(bn1(conv1(x)))));
    return relu(skip.add(y, downsample.forward(x)));
  }
};

template <int In, int Out, int Stride>
struct ResNet18Layer {
  BasicBlock<In, Out, Stride> first;
  BasicBlock<Out, Out> second;
  constexpr auto forward(auto x) const { return second.forward(first.forward(x)); }
};

struct ResNet18 {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 224, 224>>;

  quench::QuantStub quant;
  quench::Conv2d conv1{
      .in_channels = 3, .out_channels = 64, .kernel_size = 7, .stride = 2, .padding = 3, .bias = false};
  quench::BatchNorm2d bn1{.channels = 64};
  quench::ReLU relu;
  quench::MaxPool2d maxpool{.kernel_size = 3, .stride = 2, .padding = 1};
  ResNet18Layer<64, 64, 1> layer1;
  ResNet18Layer<64, 128, 2> layer2;
  ResNet18Layer<128, 256, 2> layer3;
  ResNet18Layer<256, 512, 2> layer4;
  quench::GlobalAvgPool2d avgpool;
  quench::Linear fc{.in_features = 512, .out_features = 1000};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = maxpool(relu(bn1(conv1(quant(image)))));
    x = layer4.forward(layer3.forward(layer2.forward(layer1.forward(x))));
    return dequant(fc(quench::flatten(avgpool(x))));
  }
};

}  // namespace networks
