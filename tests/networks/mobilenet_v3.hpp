// SPDX-License-Identifier: Apache-2.0
// MobileNetV3-small (Howard et al. 2019, "Searching for MobileNetV3"), with the structure and the names of torchvision.
// Full size: 224 x 224 images, 1000 classes, 2,542,856 parameters. Others are narrower, as with torchvision's width_mult.
#pragma once

#include <array>
#include <tuple>

#include <quench/network.hpp>

namespace networks {

namespace mobilenet_v3 {

namespace q = quench;

template <class... Activation>
constexpr auto conv_norm(int in, int out, int kernel, int stride = 1, int groups = 1) {
  return std::tuple<q::Conv2d, q::BatchNorm2d, Activation...>{q::Conv2d{.in_channels = in,
                                                                        .out_channels = out,
                                                                        .kernel_size = kernel,
                                                                        .stride = stride,
                                                                        .padding = (kernel - 1) / 2,
                                                                        .groups = groups,
                                                                        .bias = false},
                                                              q::BatchNorm2d{out, 1e-3f, 0.01f}, Activation{}...};
}

/// The multiple of 8 next to `eighths` / 8, at least 8, and not below 0.9 times it.
constexpr int make_divisible(int eighths) {
  int rounded = (eighths + 32) / 64 * 8;
  if (rounded < 8) rounded = 8;
  return 80 * rounded < 9 * eighths ? rounded + 8 : rounded;
}

struct SqueezeExcitation {
  q::GlobalAvgPool2d avgpool;
  q::Conv2d fc1, fc2;
  q::ReLU activation;
  q::HardSigmoid scale_activation;
  q::FloatFunctional scale;
  constexpr auto forward(auto x) const { return scale.mul(x, scale_activation(fc2(activation(fc1(avgpool(x)))))); }
};

constexpr SqueezeExcitation squeeze_excitation(int channels) {
  const int squeezed = make_divisible(channels / 4 * 8);
  return {{},
          q::Conv2d{.in_channels = channels, .out_channels = squeezed, .kernel_size = 1},
          q::Conv2d{.in_channels = squeezed, .out_channels = channels, .kernel_size = 1},
          {},
          {},
          {}};
}

template <class Block, bool HasSkip>
struct InvertedResidual {
  Block block{};
  std::array<q::FloatFunctional, HasSkip ? 1 : 0> skip{};
  constexpr auto forward(auto x) const {
    auto y = q::sequential(block, x);
    if constexpr (HasSkip) y = skip[0].add(x, y);
    return y;
  }
};

struct Settings {
  int in, kernel, expanded, out;
  bool has_excitation;
  int stride;
};

template <bool HasSkip, class... Parts>
constexpr InvertedResidual<std::tuple<Parts...>, HasSkip> residual_of(const Parts&... parts) {
  return {{parts...}, {}};
}

// The only block that does not expand has an excitation.
template <class Activation, bool Expands, bool HasExcitation, bool HasSkip>
constexpr auto inverted_residual(const Settings& s) {
  const auto expand = conv_norm<Activation>(s.in, s.expanded, 1),
             depthwise = conv_norm<Activation>(s.expanded, s.expanded, s.kernel, s.stride, s.expanded);
  const auto excite = squeeze_excitation(s.expanded);
  const auto project = conv_norm<>(s.expanded, s.out, 1);
  if constexpr (!Expands) {
    static_assert(HasExcitation);
    return residual_of<HasSkip>(depthwise, excite, project);
  } else if constexpr (HasExcitation) {
    return residual_of<HasSkip>(expand, depthwise, excite, project);
  } else {
    return residual_of<HasSkip>(expand, depthwise, project);
  }
}

// The blocks have few types: sizes are values.
template <class Activation, Settings S>
constexpr auto inverted_residual() {
  return inverted_residual < Activation, S.expanded != S.in, S.has_excitation, S.stride == 1 && S.in == S.out > (S);
}

/// Channels of full size, for a network of `Eighths` / 8 of its width.
template <int Eighths>
constexpr int width(int channels) {
  return make_divisible(channels * Eighths);
}

template <int E>
constexpr auto features() {
  using RE = q::ReLU;
  using HS = q::HardSwish;
  constexpr auto with = [](int in, int kernel, int expanded, int out, bool has_excitation, int stride) {
    return Settings{width<E>(in), kernel, width<E>(expanded), width<E>(out), has_excitation, stride};
  };
  return std::tuple{conv_norm<HS>(3, width<E>(16), 3, 2),
                    inverted_residual<RE, with(16, 3, 16, 16, true, 2)>(),
                    inverted_residual<RE, with(16, 3, 72, 24, false, 2)>(),
                    inverted_residual<RE, with(24, 3, 88, 24, false, 1)>(),
                    inverted_residual<HS, with(24, 5, 96, 40, true, 2)>(),
                    inverted_residual<HS, with(40, 5, 240, 40, true, 1)>(),
                    inverted_residual<HS, with(40, 5, 240, 40, true, 1)>(),
                    inverted_residual<HS, with(40, 5, 120, 48, true, 1)>(),
                    inverted_residual<HS, with(48, 5, 144, 48, true, 1)>(),
                    inverted_residual<HS, with(48, 5, 288, 96, true, 2)>(),
                    inverted_residual<HS, with(96, 5, 576, 96, true, 1)>(),
                    inverted_residual<HS, with(96, 5, 576, 96, true, 1)>(),
                    conv_norm<HS>(width<E>(96), 6 * width<E>(96), 1)};
}

}  // namespace mobilenet_v3

template <int Size = 224, int Classes = 1000, int Eighths = 8>
struct MobileNetV3Small {
  using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, Size, Size>>;
  static constexpr int last = 6 * mobilenet_v3::width<Eighths>(96), hidden = mobilenet_v3::width<Eighths>(1024);

  quench::QuantStub quant;
  decltype(mobilenet_v3::features<Eighths>()) features = mobilenet_v3::features<Eighths>();
  quench::GlobalAvgPool2d avgpool;
  std::tuple<quench::Linear, quench::HardSwish, quench::Dropout, quench::Linear> classifier{
      quench::Linear{.in_features = last, .out_features = hidden},
      {},
      {0.2},
      quench::Linear{.in_features = hidden, .out_features = Classes}};
  quench::DeQuantStub dequant;

  constexpr auto forward(auto image) const {
    auto x = avgpool(quench::sequential(features, quant(image)));
    return dequant(quench::sequential(classifier, quench::flatten(x)));
  }
};

}  // namespace networks
