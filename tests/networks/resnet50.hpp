// SPDX-License-Identifier: Apache-2.0
// ResNet-50 for 224 x 224 images and 1000 classes (He et al. 2015), in torchvision's variant 1.5: the 3x3 convolution
// of a bottleneck has the stride. Module names are torchvision's. 25,557,032 parameters.
#pragma once

#include <tuple>
#include <utility>

#include <quench/network.hpp>

#include "resnet18.hpp"

namespace networks {

template <int In, int Width, int Stride = 1>
struct Bottleneck {
  static constexpr int out = 4 * Width;
  quench::Conv2d conv1{.in_channels = In, .out_channels = Width, .kernel_size = 1, .bias = false};
  quench::BatchNorm2d bn1{.channels = Width};
  quench::Conv2d conv2{
      .in_channels = Width, .out_channels = Width, .kernel_size = 3, .stride = Stride, .padding = 1, .bias = false};
  quench::BatchNorm2d bn2{.channels = Width};
  quench::Conv2d conv3{.in_channels = Width, .out_channels = out, .kernel_size = 1, .bias = false};
  quench::BatchNorm2d bn3{.channels = out};
  quench::ReLU relu;
  Shortcut<In, out, Stride> downsample = shortcut<In, out, Stride>();
  quench::FloatFunctional skip;

  constexpr auto forward(auto x) const {
    auto y = relu(bn1(conv1(x)));
    y = relu(bn2(conv2(y)));
    return relu(skip.add(bn3(conv3(y)), quench::sequential(downsample, x)));
  }
};

// Count bottlenecks, of which the first has the stride.
template <int In, int Width, int Stride, class Rest>
struct Layer;
template <int In, int Width, int Stride, int... I>
struct Layer<In, Width, Stride, std::integer_sequence<int, I...>> {
  template <int>
  using Next = Bottleneck<4 * Width, Width>;
  using type = std::tuple<Bottleneck<In, Width, Stride>, Next<I>...>;
};
template <int In, int Width, int Count, int Stride>
using BottleneckLayer = typename Layer<In, Width, Stride, std::make_integer_sequence<int, Count - 1>>::type;

struct ResNet50 {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 224, 224>>;

  quench::QuantStub quant;
  quench::Conv2d conv1{
      .in_channels = 3, .out_channels = 64, .kernel_size = 7, .stride = 2, .padding = 3, .bias = false};
  quench::BatchNorm2d bn1{.channels = 64};
  quench::ReLU relu;
  quench::MaxPool2d maxpool{.kernel_size = 3, .stride = 2, .padding = 1};
  BottleneckLayer<64, 64, 3, 1> layer1;
  BottleneckLayer<256, 128, 4, 2> layer2;
  BottleneckLayer<512, 256, 6, 2> layer3;
  BottleneckLayer<1024, 512, 3, 2> layer4;
  quench::GlobalAvgPool2d avgpool;
  quench::Linear fc{.in_features = 2048, .out_features = 1000};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = maxpool(relu(bn1(conv1(quant(image)))));
    x = quench::sequential(layer2, quench::sequential(layer1, x));
    x = quench::sequential(layer4, quench::sequential(layer3, x));
    return dequant(fc(quench::flatten(avgpool(x))));
  }
};

}  // namespace networks
