// SPDX-License-Identifier: Apache-2.0
// Small networks that detect: SSD, RetinaNet and EfficientDet with a head for each level, and CenterNet with several outputs in
// float.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace detection {

namespace q = quench;

template <int In, int Out, int Stride>
struct Stage {
  q::Conv2d conv{
      .in_channels = In, .out_channels = Out, .kernel_size = 3, .stride = Stride, .padding = 1, .bias = false};
  q::BatchNorm2d bn{.channels = Out};
  q::ReLU relu{};
  constexpr auto forward(auto x) const { return relu(bn(conv(x))); }
};

// Liu et al. 2016, "SSD": boxes and classes from two levels, each as rows of anchors.
template <int Channels, int Rows>
struct SsdHead {
  q::Conv2d boxes{.in_channels = Channels, .out_channels = 8, .kernel_size = 3, .padding = 1};
  q::Conv2d classes{.in_channels = Channels, .out_channels = 6, .kernel_size = 3, .padding = 1};
  constexpr auto forward(auto x) const {
    return std::tuple(q::reshape(boxes(x), {Rows, 4}), q::reshape(classes(x), {Rows, 3}));
  }
};

struct Ssd {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 12, 12>>;
  q::QuantStub quant;
  Stage<3, 4, 2> stage1;
  Stage<4, 6, 2> stage2;
  SsdHead<4, 72> fine;
  SsdHead<6, 18> coarse;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = stage1.forward(quant(image));
    auto [fine_boxes, fine_classes] = fine.forward(x);
    auto [coarse_boxes, coarse_classes] = coarse.forward(stage2.forward(x));
    return std::tuple(dequant(fine_boxes), dequant(fine_classes), dequant(coarse_boxes), dequant(coarse_classes));
  }
};

// Lin et al. 2017, "Focal Loss for Dense Object Detection": one head for all levels of a pyramid. Its weights are shared, and each
// level has its own scales.
struct LevelHead {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::ReLU relu{};
  q::Conv2d classes{.in_channels = 4, .out_channels = 2, .kernel_size = 3, .padding = 1};
  constexpr auto forward(auto x) const { return classes(relu(conv(x))); }
};

struct RetinaNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 16, 16>>;
  using Ties = q::Ties<q::Tie<"fine.conv", "coarse.conv">, q::Tie<"fine.classes", "coarse.classes">>;
  q::QuantStub quant;
  Stage<1, 4, 2> stage1;
  Stage<4, 6, 2> stage2;
  q::Conv2d lateral1{.in_channels = 4, .out_channels = 4, .kernel_size = 1},
      lateral2{.in_channels = 6, .out_channels = 4, .kernel_size = 1};
  q::Upsample up{.scale_factor = 2};
  q::FloatFunctional merge;
  LevelHead fine, coarse;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto c1 = stage1.forward(quant(image));
    auto p2 = lateral2(stage2.forward(c1));
    auto p1 = merge.add(lateral1(c1), up(p2));
    return std::tuple(dequant(fine.forward(p1)), dequant(coarse.forward(p2)));
  }
};

// Tan et al. 2020, "EfficientDet": the convs of the head are those of all levels, and each level has batch norms of its own.
struct SeparableLevel {
  q::Conv2d depthwise{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1, .groups = 4, .bias = false},
      pointwise{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::BatchNorm2d bn{.channels = 4};
  q::SiLU act;
  q::Conv2d classes{.in_channels = 4, .out_channels = 2, .kernel_size = 3, .padding = 1};
  constexpr auto forward(auto x) const { return classes(act(bn(pointwise(depthwise(x))))); }
};

struct EfficientDet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 16, 16>>;
  using Ties = q::Ties<q::Tie<"p1.depthwise", "p2.depthwise">, q::Tie<"p1.pointwise", "p2.pointwise">,
                       q::Tie<"p1.classes", "p2.classes">, q::Tie<"p1.depthwise", "p3.depthwise">,
                       q::Tie<"p1.pointwise", "p3.pointwise">, q::Tie<"p1.classes", "p3.classes">>;
  q::QuantStub quant;
  Stage<1, 4, 2> stage1;
  Stage<4, 4, 2> stage2, stage3;
  SeparableLevel p1, p2, p3;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto c1 = stage1.forward(quant(image));
    auto c2 = stage2.forward(c1);
    auto c3 = stage3.forward(c2);
    return std::tuple(dequant(p1.forward(c1)), dequant(p2.forward(c2)), dequant(p3.forward(c3)));
  }
};

// Zhou et al. 2019, "Objects as Points": a map of centres after a sigmoid in float, sizes, offsets.
struct CenterNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 12, 12>>;
  q::QuantStub quant;
  Stage<3, 6, 2> stage;
  q::ConvTranspose2d up{
      .in_channels = 6, .out_channels = 4, .kernel_size = 4, .stride = 2, .padding = 1, .bias = false};
  q::BatchNorm2d up_bn{.channels = 4};
  q::ReLU relu;
  q::Conv2d centres{.in_channels = 4, .out_channels = 3, .kernel_size = 1},
      sizes{.in_channels = 4, .out_channels = 2, .kernel_size = 1},
      offsets{.in_channels = 4, .out_channels = 2, .kernel_size = 1};
  q::DeQuantStub dequant;
  q::Sigmoid heat;
  constexpr auto forward(auto image) const {
    auto x = relu(up_bn(up(stage.forward(quant(image)))));
    return std::tuple(heat(dequant(centres(x))), dequant(sizes(x)), dequant(offsets(x)));
  }
};

}  // namespace detection
