// SPDX-License-Identifier: Apache-2.0
// Small networks with a map as output, or with several inputs: DeepLab's parallel dilations, an autoencoder, super-resolution by
// moving channels to pixels, an image with numbers beside it, cross-attention, and a siamese tracker.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace dense {

namespace q = quench;

// Chen et al. 2017, "Rethinking Atrous Convolution": dilated convs and the mean of the map side by side.
template <int Dilation>
struct Atrous {
  q::Conv2d conv{
      .in_channels = 6, .out_channels = 4, .kernel_size = 3, .padding = Dilation, .dilation = Dilation, .bias = false};
  q::BatchNorm2d bn{.channels = 4};
  q::ReLU relu{};
  constexpr auto forward(auto x) const { return relu(bn(conv(x))); }
};

struct DeepLab {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 16, 16>>;
  q::QuantStub quant;
  q::Conv2d stem{.in_channels = 3, .out_channels = 6, .kernel_size = 3, .stride = 2, .padding = 1};
  q::ReLU relu{};
  Atrous<1> near;
  Atrous<2> middle;
  Atrous<3> far;
  q::GlobalAvgPool2d pool;
  q::Conv2d whole{.in_channels = 6, .out_channels = 4, .kernel_size = 1};
  q::Upsample spread{.scale_factor = 8};
  q::FloatFunctional join;
  q::Conv2d head{.in_channels = 16, .out_channels = 3, .kernel_size = 1};
  q::Upsample enlarge{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = relu(stem(quant(image)));
    auto mean = spread(relu(whole(pool(x))));
    return dequant(enlarge(head(join.cat(near.forward(x), middle.forward(x), far.forward(x), mean))));
  }
};

struct Autoencoder {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d down1{.in_channels = 1, .out_channels = 4, .kernel_size = 3, .stride = 2, .padding = 1},
      down2{.in_channels = 4, .out_channels = 6, .kernel_size = 3, .stride = 2, .padding = 1};
  q::Linear code{.in_features = 24, .out_features = 5}, decode{.in_features = 5, .out_features = 24};
  q::ConvTranspose2d up1{
      .in_channels = 6, .out_channels = 4, .kernel_size = 3, .stride = 2, .padding = 1, .output_padding = 1},
      up2{.in_channels = 4, .out_channels = 1, .kernel_size = 2, .stride = 2};
  q::ReLU relu{};
  q::DeQuantStub dequant;
  q::Tanh pixels;
  constexpr auto forward(auto image) const {
    auto x = relu(down2(relu(down1(quant(image)))));
    x = q::reshape(relu(decode(code(q::flatten(x)))), {2, 2, 6});
    return pixels(dequant(up2(relu(up1(x)))));
  }
};

// Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution": channels become pixels; the enlarged image is added.
struct SuperResolution {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 6, 6>>;
  q::QuantStub quant;
  q::Conv2d features{.in_channels = 1, .out_channels = 6, .kernel_size = 5, .padding = 2};
  q::Tanh tanh;
  q::Conv2d subpixels{.in_channels = 6, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::Upsample enlarge{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    auto parts = q::reshape(subpixels(tanh(features(x))), {6, 6, 2, 2});
    auto detail = q::reshape(q::permute(parts, {0, 2, 1, 3}), {12, 12, 1});
    return dequant(sum.add(enlarge(x), detail));
  }
};

// An image, and numbers about it that reach the map as channels.
struct ImageAndNumbers {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 8, 8>, q::Features<5>>;
  q::QuantStub image, numbers;
  q::Conv2d conv{.in_channels = 3, .out_channels = 6, .kernel_size = 3, .stride = 2, .padding = 1};
  q::Linear embed{.in_features = 5, .out_features = 6};
  q::ReLU relu{};
  q::FloatFunctional condition, join;
  q::GlobalAvgPool2d pool;
  q::Linear steer{.in_features = 12, .out_features = 1}, speed{.in_features = 12, .out_features = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto picture, auto given) const {
    auto about = relu(embed(numbers(given)));
    auto x = condition.mul(relu(conv(image(picture))), q::reshape(about, {1, 1, 6}));
    auto both = join.cat(q::flatten(pool(x)), about);
    return std::tuple(dequant(steer(both)), dequant(speed(both)));
  }
};

// Attention of one set of tokens to another, as in a decoder, with a gated feed-forward part.
struct CrossAttention {
  using Inputs = q::Inputs<q::Features<4, 8>, q::Features<6, 8>>;
  q::QuantStub tokens, memory;
  q::Linear query{.in_features = 8, .out_features = 8}, key{.in_features = 8, .out_features = 8},
      value{.in_features = 8, .out_features = 8};
  q::FloatFunctional scores, scale, mix, residual1, gated, residual2;
  q::Softmax softmax;
  q::Linear up{.in_features = 8, .out_features = 12}, gate{.in_features = 8, .out_features = 12},
      down{.in_features = 12, .out_features = 8};
  q::SiLU silu;
  q::DeQuantStub dequant;
  static constexpr auto heads(auto x, int count) { return q::permute(q::reshape(x, {count, 2, 4}), {1, 0, 2}); }
  constexpr auto forward(auto a, auto b) const {
    auto x = tokens(a), m = memory(b);
    auto weights = scores.matmul(heads(query(x), 4), q::permute(heads(key(m), 6), {0, 2, 1}));
    weights = softmax(scale.mul_scalar(weights, 0.5f));
    auto mixed = q::permute(mix.matmul(weights, heads(value(m), 6)), {1, 0, 2});
    x = residual1.add(x, q::reshape(mixed, {4, 8}));
    return dequant(residual2.add(x, down(gated.mul(silu(gate(x)), up(x)))));
  }
};

// Bertinetto et al. 2016, "Fully-Convolutional Siamese Networks": the place of a pattern in an image, by the product of both maps.
// The two towers share all weights.
struct Tower {
  q::QuantStub quant;
  q::Conv2d conv1{.in_channels = 1, .out_channels = 4, .kernel_size = 3, .stride = 2, .padding = 1, .bias = false};
  q::BatchNorm2d bn1{.channels = 4};
  q::ReLU relu{};
  q::Conv2d conv2{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  constexpr auto forward(auto image) const { return conv2(relu(bn1(conv1(quant(image))))); }
};

struct Tracker {
  using Gray8 = q::Image<q::color::CenteredGray, 8, 8>;
  using Gray4 = q::Image<q::color::CenteredGray, 4, 4>;
  using Inputs = q::Inputs<Gray8, Gray4>;
  using Ties = q::Ties<q::Tie<"scene.conv1", "pattern.conv1">, q::Tie<"scene.bn1", "pattern.bn1">,
                       q::Tie<"scene.conv2", "pattern.conv2">>;
  Tower scene, pattern;
  q::GlobalAvgPool2d pool;
  q::FloatFunctional product;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image, auto wanted) const {
    auto places = q::reshape(scene.forward(image), {16, 4});
    auto what = q::reshape(pool(pattern.forward(wanted)), {4, 1});
    return dequant(q::reshape(product.matmul(places, what), {4, 4}));
  }
};

}  // namespace dense
