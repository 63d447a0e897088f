// SPDX-License-Identifier: Apache-2.0
// Small relatives of well-known networks, for tests that train them: a residual network on images, one in the manner of
// MobileNetV2 (inverted residuals, depthwise, ReLU6), one of U-Net (transposed convolutions, cat), attention, and one
// with tied weights.
#pragma once

#include <quench/network.hpp>

namespace small {

namespace q = quench;

template <int In, int Out, int Stride>
struct Residual {
  q::Conv2d conv1{
      .in_channels = In, .out_channels = Out, .kernel_size = 3, .stride = Stride, .padding = 1, .bias = false};
  q::BatchNorm2d bn1{.channels = Out};
  q::ReLU relu;
  q::Conv2d conv2{.in_channels = Out, .out_channels = Out, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm2d bn2{.channels = Out};
  q::Conv2d shortcut{.in_channels = In, .out_channels = Out, .kernel_size = 1, .stride = Stride, .bias = false};
  q::BatchNorm2d shortcut_bn{.channels = Out};
  q::FloatFunctional add;
  constexpr auto forward(auto x) const {
    auto y = bn2(conv2(relu(bn1(conv1(x)))));
    return add.add_relu(shortcut_bn(shortcut(x)), y);
  }
};

struct ResNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 12, 12>>;
  q::QuantStub quant;
  q::Conv2d stem{.in_channels = 1, .out_channels = 4, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm2d stem_bn{.channels = 4};
  q::ReLU relu;
  Residual<4, 8, 2> block1;
  Residual<8, 8, 1> block2;
  q::GlobalAvgPool2d pool;
  q::Linear classifier{.in_features = 8, .out_features = 5};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = relu(stem_bn(stem(quant(image))));
    x = block2.forward(block1.forward(x));
    return dequant(classifier(q::flatten(pool(x))));
  }
};

template <int Channels, int Hidden>
struct InvertedResidual {
  q::Conv2d expand{.in_channels = Channels, .out_channels = Hidden, .kernel_size = 1, .bias = false};
  q::BatchNorm2d expand_bn{.channels = Hidden};
  q::ReLU6 relu1{}, relu2{};
  q::Conv2d depthwise{
      .in_channels = Hidden, .out_channels = Hidden, .kernel_size = 3, .padding = 1, .groups = Hidden, .bias = false};
  q::BatchNorm2d depthwise_bn{.channels = Hidden};
  q::Conv2d project{.in_channels = Hidden, .out_channels = Channels, .kernel_size = 1, .bias = false};
  q::BatchNorm2d project_bn{.channels = Channels};
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const {
    auto y = relu1(expand_bn(expand(x)));
    y = relu2(depthwise_bn(depthwise(y)));
    return skip.add(x, project_bn(project(y)));
  }
};

struct MobileNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 12, 12>>;
  q::QuantStub quant;
  q::Conv2d stem{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .stride = 2, .padding = 1, .bias = false};
  q::BatchNorm2d stem_bn{.channels = 4};
  q::ReLU6 relu{};
  InvertedResidual<4, 12> block1, block2;
  q::AvgPool2d pool{.kernel_size = 2};
  q::Linear classifier{.in_features = 36, .out_features = 5};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = block2.forward(block1.forward(relu(stem_bn(stem(quant(image))))));
    return dequant(classifier(q::flatten(pool(x))));
  }
};

struct UNet {
  using Inputs = q::Inputs<q::Features<8, 8, 2>>;
  q::QuantStub quant;
  q::Conv2d down1{.in_channels = 2, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::Conv2d down2{.in_channels = 4, .out_channels = 6, .kernel_size = 3, .padding = 1};
  q::ReLU relu{};
  q::MaxPool2d pool{.kernel_size = 2};
  q::ConvTranspose2d up{.in_channels = 6, .out_channels = 4, .kernel_size = 2, .stride = 2};
  q::FloatFunctional join;
  q::Conv2d merge{.in_channels = 8, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::Conv2d head{.in_channels = 4, .out_channels = 3, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto a = relu(down1(quant(image)));
    auto b = relu(down2(pool(a)));
    return dequant(head(relu(merge(join.cat(a, up(b))))));
  }
};

struct Attention {
  using Inputs = q::Inputs<q::Features<6, 8>>;
  q::QuantStub quant;
  q::Linear query{.in_features = 8, .out_features = 8}, key{.in_features = 8, .out_features = 8},
      value{.in_features = 8, .out_features = 8}, out{.in_features = 8, .out_features = 4};
  q::FloatFunctional scores, scale, mix, skip;
  q::Softmax softmax;
  q::GELU gelu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto tokens) const {
    auto x = quant(tokens);
    auto weights = softmax(scale.mul_scalar(scores.matmul(query(x), q::permute(key(x), {1, 0})), 0.35f));
    return dequant(out(gelu(skip.add(x, mix.matmul(weights, value(x))))));
  }
};

struct Siamese {
  using Inputs = q::Inputs<q::Features<5, 5, 2>, q::Features<5, 5, 2>>;
  using Ties = q::Ties<q::Tie<"left", "right">>;
  q::QuantStub first, second;
  q::Conv2d left{.in_channels = 2, .out_channels = 4, .kernel_size = 3};
  q::Conv2d right{.in_channels = 2, .out_channels = 4, .kernel_size = 3};
  q::FloatFunctional difference;
  q::Linear head{.in_features = 36, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const {
    return dequant(head(q::flatten(difference.sub(left(first(a)), right(second(b))))));
  }
};

// Float layers before the QuantStub and after the DeQuantStub.
struct WithFloatEnds {
  using Inputs = q::Inputs<q::Features<6, 6, 3>>;
  q::Conv2d before{.in_channels = 3, .out_channels = 4, .kernel_size = 1};
  q::Tanh tanh;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::ReLU relu;
  q::DeQuantStub dequant;
  q::Linear behind{.in_features = 64, .out_features = 3};
  q::Softmax softmax;
  constexpr auto forward(auto x) const {
    return softmax(behind(q::flatten(dequant(relu(conv(quant(tanh(before(x)))))))));
  }
};

}  // namespace small
