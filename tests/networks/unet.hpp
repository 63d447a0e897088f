// SPDX-License-Identifier: Apache-2.0
// A U-Net for segmentation (Ronneberger et al. 2015, "U-Net") with padded convolutions, batch norms, transposed convolutions
// and skip connections by cat, with the structure and the names of milesial's Pytorch-UNet (bilinear=False). Full size: 64
// channels at the first level, 2 classes for each pixel, 31,037,698 parameters.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace networks {

template <int In, int Out>
struct DoubleConv {
  std::tuple<quench::Conv2d, quench::BatchNorm2d, quench::ReLU, quench::Conv2d, quench::BatchNorm2d, quench::ReLU>
      double_conv{
          quench::Conv2d{.in_channels = In, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false},
          quench::BatchNorm2d{.channels = Out},
          {},
          quench::Conv2d{.in_channels = Out, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false},
          quench::BatchNorm2d{.channels = Out},
          {}};
  constexpr auto forward(auto x) const { return quench::sequential(double_conv, x); }
};

template <int Channels>
struct Down {
  std::tuple<quench::MaxPool2d, DoubleConv<Channels, 2 * Channels>> maxpool_conv{quench::MaxPool2d{.kernel_size = 2},
                                                                                 {}};
  constexpr auto forward(auto x) const { return quench::sequential(maxpool_conv, x); }
};

template <int Channels>
struct Up {
  quench::ConvTranspose2d up{.in_channels = Channels, .out_channels = Channels / 2, .kernel_size = 2, .stride = 2};
  quench::FloatFunctional join;
  DoubleConv<Channels, Channels / 2> conv;
  constexpr auto forward(auto x, auto skip) const { return conv.forward(join.cat(skip, up(x))); }
};

template <int Width, int Classes>
struct OutConv {
  quench::Conv2d conv{.in_channels = Width, .out_channels = Classes, .kernel_size = 1};
  constexpr auto forward(auto x) const { return conv(x); }
};

template <int Size = 128, int Width = 64>
struct UNet {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, Size, Size>>;

  quench::QuantStub quant;
  DoubleConv<3, Width> inc;
  Down<Width> down1;
  Down<2 * Width> down2;
  Down<4 * Width> down3;
  Down<8 * Width> down4;
  Up<16 * Width> up1;
  Up<8 * Width> up2;
  Up<4 * Width> up3;
  Up<2 * Width> up4;
  OutConv<Width, 2> outc;
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x1 = inc.forward(quant(image));
    auto x2 = down1.forward(x1);
    auto x3 = down2.forward(x2);
    auto x4 = down3.forward(x3);
    auto x = up1.forward(down4.forward(x4), x4);
    x = up4.forward(up3.forward(up2.forward(x, x3), x2), x1);
    return dequant(outc.forward(x));
  }
};

}  // namespace networks
