// SPDX-License-Identifier: Apache-2.0
// A small YOLO of our own, of parts that the family has: cross-stage partial blocks (Wang et al. 2019, "CSPNet"), spatial pyramid
// pooling by repeated max pools, and a neck that joins an enlarged deep map with an earlier one. Two heads give boxes and
// classes of three anchors at each place. Full size: 16 channels, 80 classes, 416 x 416 images, 317,838 parameters.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace networks {

namespace yolo {

namespace q = quench;

template <int In, int Out, int Kernel = 1, int Stride = 1>
struct Conv {
  q::Conv2d conv{.in_channels = In,
                 .out_channels = Out,
                 .kernel_size = Kernel,
                 .stride = Stride,
                 .padding = Kernel / 2,
                 .bias = false};
  q::BatchNorm2d bn{.channels = Out, .eps = 1e-3f};
  q::SiLU act;
  constexpr auto forward(auto x) const { return act(bn(conv(x))); }
};

template <int Channels>
struct Bottleneck {
  Conv<Channels, Channels> cv1;
  Conv<Channels, Channels, 3> cv2;
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const { return skip.add(x, cv2.forward(cv1.forward(x))); }
};

template <int In, int Out>
struct Csp {
  Conv<In, Out / 2> cv1, cv2;
  Conv<Out, Out> cv3;
  std::tuple<Bottleneck<Out / 2>> m;
  q::FloatFunctional join;
  constexpr auto forward(auto x) const {
    return cv3.forward(join.cat(q::sequential(m, cv1.forward(x)), cv2.forward(x)));
  }
};

template <int Channels>
struct Sppf {
  Conv<Channels, Channels / 2> cv1;
  Conv<2 * Channels, Channels> cv2;
  q::MaxPool2d m{.kernel_size = 5, .stride = 1, .padding = 2};
  q::FloatFunctional join;
  constexpr auto forward(auto x) const {
    auto a = cv1.forward(x), b = m(a), c = m(b);
    return cv2.forward(join.cat(a, b, c, m(c)));
  }
};

}  // namespace yolo

template <int Size = 416, int Width = 16, int Classes = 80>
struct Yolo {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, Size, Size>>;
  static constexpr int deep = 8 * Width, middle = 4 * Width, outputs = 3 * (5 + Classes);

  quench::QuantStub quant;
  yolo::Conv<3, Width, 3, 2> stem;
  yolo::Conv<Width, 2 * Width, 3, 2> down1;
  yolo::Csp<2 * Width, 2 * Width> csp1;
  yolo::Conv<2 * Width, middle, 3, 2> down2;
  yolo::Csp<middle, middle> csp2;
  yolo::Conv<middle, deep, 3, 2> down3;
  yolo::Csp<deep, deep> csp3;
  yolo::Sppf<deep> spp;
  yolo::Conv<deep, middle> lateral;
  quench::Upsample up{.scale_factor = 2};
  quench::FloatFunctional join;
  yolo::Csp<deep, middle> fuse;
  quench::Conv2d coarse{.in_channels = deep, .out_channels = outputs, .kernel_size = 1},
      fine{.in_channels = middle, .out_channels = outputs, .kernel_size = 1};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = csp2.forward(down2.forward(csp1.forward(down1.forward(stem.forward(quant(image))))));
    auto y = spp.forward(csp3.forward(down3.forward(x)));
    auto joined = fuse.forward(join.cat(up(lateral.forward(y)), x));
    return std::tuple(dequant(coarse(y)), dequant(fine(joined)));
  }
};

}  // namespace networks
