// SPDX-License-Identifier: Apache-2.0
// A U-Net for segmentation (Ronneberger et al. 2015, "U-Net"), of half its width and three levels, with padded
// convolutions, batch norm, bilinear upsampling, and skip connections by cat. 2 classes for each pixel of a 128 x 128
// image. A double convolution from I to O channels has D(I, O) = 9 I O + 9 O O + 4 O parameters, so the whole has
// D(3, 32) + D(32, 64) + D(64, 128) + D(128, 256) + D(384, 128) + D(192, 64) + D(96, 32) + 32 * 2 + 2 = 1,948,322.
#pragma once

#include <quench/network.hpp>

namespace networks {

template <int In, int Out>
struct DoubleConv {
  quench::Conv2d conv1{.in_channels = In, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d bn1{.channels = Out};
  quench::Conv2d conv2{.in_channels = Out, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false};
  quench::BatchNorm2d bn2{.channels = Out};
  quench::ReLU relu;
  constexpr auto forward(auto x) const { return relu(bn2(conv2(relu(bn1(conv1(x)))))); }
};

template <int Deep, int Skip, int Out>
struct Up {
  quench::Upsample upsample{.scale_factor = 2, .mode = quench::InterpolationMode::Bilinear};
  quench::FloatFunctional join;
  DoubleConv<Deep + Skip, Out> conv;
  constexpr auto forward(auto x, auto skip) const { return conv.forward(join.cat(skip, upsample(x))); }
};

struct UNet {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 128, 128>>;

  quench::QuantStub quant;
  quench::MaxPool2d down{.kernel_size = 2};  // owns nothing: one for all levels
  DoubleConv<3, 32> level0;
  DoubleConv<32, 64> level1;
  DoubleConv<64, 128> level2;
  DoubleConv<128, 256> bottom;
  Up<256, 128, 128> up2;
  Up<128, 64, 64> up1;
  Up<64, 32, 32> up0;
  quench::Conv2d classes{.in_channels = 32, .out_channels = 2, .kernel_size = 1};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x0 = level0.forward(quant(image));
    auto x1 = level1.forward(down(x0));
    auto x2 = level2.forward(down(x1));
    auto x = bottom.forward(down(x2));
    x = up0.forward(up1.forward(up2.forward(x, x2), x1), x0);
    return dequant(classes(x));
  }
};

}  // namespace networks
