// SPDX-License-Identifier: Apache-2.0
// ResNet-18 for 224 x 224 images and 1000 classes (He et al. 2015, "Deep Residual Learning for Image Recognition"),
// with the module names of torchvision. 11,689,512 parameters.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace networks {

// A residual connection: nothing on its way, or a projection where the shape changes.
template <int In, int Out, int Stride>
constexpr auto shortcut() {
  if constexpr (In == Out && Stride == 1)
    return std::tuple();
  else
    return std::tuple(
        quench::Conv2d{.in_channels = In, .out_channels = Out, .kernel_size = 1, .stride = Stride, .bias = false},
        quench::BatchNorm2d{.channels = Out});
}
template <int In, int Out, int Stride>
using Shortcut = decltype(shortcut<In, Out, Stride>());

template <int In, int Out, int Stride = 1>
struct BasicBlock {
  quench::Conv2d conv1{
      .in_channels = In, .out_channels = Out, .kernel_size = 3, .stride = Stride, .padding = 1, .bias = false};
  quench::BatchNorm2d bn1{.channels = Out};
  quench::ReLU relu;
  quench::Conv2d conv2{.in_channels = Out, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d bn2{.channels = Out};
  Shortcut<In, Out, Stride> downsample = shortcut<In, Out, Stride>();
  quench::FloatFunctional skip;

  constexpr auto forward(auto x) const {
    auto y = bn2(conv2(relu(bn1(conv1(x)))));
    return relu(skip.add(y, quench::sequential(downsample, x)));
  }
};

struct ResNet18 {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 224, 224>>;

  quench::QuantStub quant;
  quench::Conv2d conv1{
      .in_channels = 3, .out_channels = 64, .kernel_size = 7, .stride = 2, .padding = 3, .bias = false};
  quench::BatchNorm2d bn1{.channels = 64};
  quench::ReLU relu;
  quench::MaxPool2d maxpool{.kernel_size = 3, .stride = 2, .padding = 1};
  std::tuple<BasicBlock<64, 64>, BasicBlock<64, 64>> layer1;
  std::tuple<BasicBlock<64, 128, 2>, BasicBlock<128, 128>> layer2;
  std::tuple<BasicBlock<128, 256, 2>, BasicBlock<256, 256>> layer3;
  std::tuple<BasicBlock<256, 512, 2>, BasicBlock<512, 512>> layer4;
  quench::GlobalAvgPool2d avgpool;
  quench::Linear fc{.in_features = 512, .out_features = 1000};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = maxpool(relu(bn1(conv1(quant(image)))));
    x = quench::sequential(layer2, quench::sequential(layer1, x));
    x = quench::sequential(layer4, quench::sequential(layer3, x));
    return dequant(fc(quench::flatten(avgpool(x))));
  }
};

}  // namespace networks
