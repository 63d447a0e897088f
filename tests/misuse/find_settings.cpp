// SPDX-License-Identifier: Apache-2.0
#include <quench/misuse/find_settings.hpp>

#include <doctest/doctest.h>
#include <limits>

#include "mistakes.hpp"

namespace q = quench;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// A layer given by value, on a map of 8 x 8 x 4.
template <class Layer>
struct Single {
  Layer layer{};
  constexpr auto run(auto x) const { return layer(x); }
};

// The first setting of a call that is out of range, as "name value", or "".
std::string setting_of(q::Operator op, const q::Settings& settings, q::Shape x = q::Shape(8, 8, 4),
                       q::Domain domain = q::Domain::Float) {
  OneCall call(op, settings, x);
  call.nodes[1].domain = domain;
  call.nodes[1].shape = q::infer_shape(call.graph(), call.nodes[1]).shape;
  const auto check = q::misuse::check_settings(call.graph(), call.nodes[1], true);
  std::string text(check.setting.begin(), check.setting.end());
  return text.empty() || check.is_real ? text : text + " " + std::to_string(check.value);
}

constexpr bool verifies_a_function_of_two_settings() {
  OneCall call(q::Operator::HardSigmoid, {}, q::Shape(4));
  call.nodes[1].shape = q::Shape(4);
  return !q::misuse::check_settings(call.graph(), call.nodes[1], true).failed();
}

q::Settings conv_settings() {
  q::Settings settings;
  settings.in_channels = 4;
  settings.out_channels = 6;
  settings.kernel_size = 3;
  return settings;
}

template <class Change>
std::string conv(Change change, q::Operator op = q::Operator::Conv2d) {
  q::Settings settings = conv_settings();
  change(settings);
  return setting_of(op, settings);
}

q::Settings axes(q::Axes list) { return q::detail::axes_settings(list); }

struct EmptyInput {
  using Inputs = q::Inputs<q::Features<8, 0, 4>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(x)); }
};

struct Huge {
  using Inputs = q::Inputs<q::Features<65536, 32768>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(x)); }
};

// Whether a window of a pool holds padding only, by looking at each of its places.
constexpr bool some_window_is_empty(int extent, const q::SlidingWindow& window) {
  const auto [kernel, stride, before, after, dilation, ceil_mode] = window;
  for (int i = 0; i < window.count(extent); ++i) {
    const int begin = i * stride - before;
    bool empty = true;
    for (int tap = 0; tap < kernel; ++tap) {
      const int place = begin + tap * dilation;
      empty = empty && (place < 0 || place >= extent);
    }
    if (empty) return true;
  }
  return false;
}

// All pools of small settings are judged like that, also those of `Padding::Same`; gives how many have an empty window,
// or -1.
constexpr int judge_small_pools() {
  int empty = 0;
  const auto judge = [&](int extent, const q::SlidingWindow& window) {
    const bool expected = some_window_is_empty(extent, window);
    empty += expected;
    return q::misuse::detail::has_empty_window(window, extent) == expected;
  };
  for (int extent = 1; extent <= 6; ++extent)
    for (int kernel = 1; kernel <= 5; ++kernel)
      for (int stride = 1; stride <= 4; ++stride)
        for (int dilation = 1; dilation <= 9; ++dilation) {
          for (int before = 0; before <= kernel / 2; ++before)
            for (int after = 0; after <= kernel / 2; ++after)
              for (const bool ceil_mode : {false, true})
                if (!judge(extent, {kernel, stride, before, after, dilation, ceil_mode})) return -1;
          q::Settings same;
          same.kernel_size = kernel;
          same.stride = stride;
          same.padding = q::Padding::Same;
          same.dilation = dilation;
          resolve_same_padding(q::Operator::MaxPool2d, same, q::Shape(extent, extent, 1));
          if (!judge(extent, rows_of(same))) return -1;
        }
  return empty;
}
static_assert(judge_small_pools() > 0);

// Both axes of a pool are judged, in a network.
template <int H, int W>
struct DilatedPool {
  using Inputs = q::Inputs<q::Features<H, W, 1>>;
  q::QuantStub quant;
  q::MaxPool2d pool{.kernel_size = 2, .stride = 1, .padding = 1, .dilation = 5};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(pool(quant(x))); }
};

template <q::Upsample Up, int... Extents>
struct ResizedTensor {
  using Inputs = q::Inputs<q::Features<Extents...>>;
  q::QuantStub quant;
  q::Upsample up = Up;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(up(quant(x))); }
};
template <q::Upsample Up>
using ResizedMap = ResizedTensor<Up, 8, 9, 3>;

// The setting of the only mistake of a network.
template <class Net>
std::string setting_of_module() {
  const auto found = findings_of<Net>();
  REQUIRE(found.size() == 1);
  const std::string text(found[0].other.begin(), found[0].other.end());
  return found[0].is_real ? text : text + " " + std::to_string(found[0].number);
}

struct ForgottenSettings {
  q::Conv2d conv;
  q::MaxPool2d pool;
  q::Upsample up;
  q::Linear linear;
  constexpr auto run(auto x) const { return linear(up(pool(conv(x)))); }
};

// Each function refuses its own setting, under its own name, and no later node is blamed.
template <auto Function>
struct Moves {
  using Inputs = q::Inputs<q::Features<4, 6, 9>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(Function(quant(x))); }
};

}  // namespace

TEST_CASE("settings of convolutions") {
  using S = q::Settings;
  CHECK(conv([](S&) {}) == "");
  CHECK(conv([](S& s) { s.in_channels = 0; }) == "in_channels 0");
  CHECK(conv([](S& s) { s.out_channels = -1; }) == "out_channels -1");
  CHECK(conv([](S& s) { s.kernel_size = {3, 0}; }) == "kernel_size 0");
  CHECK(conv([](S& s) { s.stride = {0, 1}; }) == "stride 0");
  CHECK(conv([](S& s) { s.padding = -1; }) == "padding -1");
  CHECK(conv([](S& s) { s.padding = {-1, 0, 0, 0}; }) == "padding -1");
  CHECK(conv([](S& s) { s.padding = {0, -2, 0, 0}; }) == "padding -2");
  CHECK(conv([](S& s) { s.padding = {0, 0, -3, 0}; }) == "padding -3");
  CHECK(conv([](S& s) { s.padding = {0, 0, 0, -4}; }) == "padding -4");
  CHECK(conv([](S& s) { s.padding = {9, 8, 7, 6}; }) == "");
  CHECK(conv([](S& s) { s.dilation = {1, -2}; }) == "dilation -2");
  CHECK(conv([](S& s) { s.dilation = {0, 1}; }) == "dilation 0");
  CHECK(conv([](S& s) { s.out_channels = 0; }) == "out_channels 0");
  CHECK(conv([](S& s) { s.padding = 0, s.dilation = 1, s.stride = 1, s.kernel_size = 1; }) == "");
  CHECK(conv([](S& s) { s.groups = 0; }) == "groups 0");
  CHECK(conv([](S& s) { s.groups = 2; }) == "");
  CHECK(conv([](S& s) { s.groups = 3; }) == "groups 3");
  CHECK(conv([](S& s) { s.groups = 4; }) == "groups 4");
}

TEST_CASE("the output padding of a transposed convolution is below its stride or dilation") {
  using S = q::Settings;
  const auto op = q::Operator::ConvTranspose2d;
  CHECK(conv([](S& s) { s.stride = 2, s.output_padding = 1; }, op) == "");
  CHECK(conv([](S& s) { s.stride = 2, s.output_padding = 2; }, op) == "output_padding 2");
  CHECK(conv([](S& s) { s.dilation = 3, s.output_padding = 2; }, op) == "");
  CHECK(conv([](S& s) { s.output_padding = {0, 1}; }, op) == "output_padding 1");
  CHECK(conv([](S& s) { s.output_padding = -1; }, op) == "output_padding -1");
}

TEST_CASE("settings of pools") {
  using S = q::Settings;
  const auto op = q::Operator::MaxPool2d;
  CHECK(conv([](S& s) { s.padding = 1; }, op) == "");
  CHECK(conv([](S& s) { s.padding = {1, 2}; }, op) == "padding 2");
  CHECK(conv([](S& s) { s.padding = {1, 0, 0, 1}; }, op) == "");
  CHECK(conv([](S& s) { s.padding = {2, 0, 0, 0}; }, op) == "padding 2");
  CHECK(conv([](S& s) { s.padding = {0, 3, 0, 0}; }, op) == "padding 3");
  CHECK(conv([](S& s) { s.padding = {0, 0, 4, 0}; }, op) == "padding 4");
  CHECK(conv([](S& s) { s.padding = {0, 0, 0, 5}; }, op) == "padding 5");
  CHECK(conv([](S& s) { s.stride = 0; }, op) == "stride 0");
}

TEST_CASE("an adaptive pool has 1 to 46340 windows along an axis") {
  const auto output = [](q::Pair size, q::Operator op) {
    q::Settings settings;
    settings.output_size = size;
    return setting_of(op, settings);
  };
  for (const q::Operator op : {q::Operator::AdaptiveAvgPool2d, q::Operator::AdaptiveMaxPool2d}) {
    CHECK(output({1, 9}, op) == "");
    CHECK(output({0, 9}, op) == "output_size 0");
    CHECK(output({9, -1}, op) == "output_size -1");
    CHECK(output({1, 46340}, op) == "");
    CHECK(output({46341, 1}, op) == "output_size 46341");
    CHECK(output({1, 46341}, op) == "output_size 46341");
  }
}

TEST_CASE("each window of a max pool holds a pixel") {
  CHECK(judge_small_pools() > 0);
  const Mistakes refused{"setting-out-of-range pool"};
  CHECK(mistakes_of<DilatedPool<5, 5>>().empty());
  CHECK(mistakes_of<DilatedPool<4, 5>>() == refused);
  CHECK(mistakes_of<DilatedPool<5, 4>>() == refused);
  CHECK(mistakes_of<DilatedPool<4, 4>>() == refused);
  q::Settings settings;
  settings.kernel_size = {2, 2};
  settings.padding = {1, 1};
  settings.dilation = {1, 5};
  CHECK(setting_of(q::Operator::MaxPool2d, settings, q::Shape(4, 4, 1)) == "dilation 5");
  CHECK(setting_of(q::Operator::AvgPool2d, settings, q::Shape(4, 4, 1)) == "");  // padding counts as zeros
  settings.kernel_size = {1000000, 1000000};
  settings.padding = {500000, 500000};
  settings.dilation = {2000, 2000};
  CHECK(setting_of(q::Operator::MaxPool2d, settings, q::Shape(4, 4, 1)) == "");  // a shape that does not fit
}

TEST_CASE("real numbers are finite") {
  q::Settings settings;
  settings.parameters[0] = infinity;
  CHECK(setting_of(q::Operator::MulScalar, settings) == "scalar");
  settings.parameters[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK(setting_of(q::Operator::AddScalar, settings) == "scalar");
  settings.parameters[0] = std::numeric_limits<float>::max();
  CHECK(setting_of(q::Operator::AddScalar, settings) == "");
  settings.parameters[0] = -std::numeric_limits<float>::max();
  CHECK(setting_of(q::Operator::AddScalar, settings) == "");
  settings.parameters[0] = -infinity;
  CHECK(setting_of(q::Operator::LeakyReLU, settings) == "negative_slope");
  CHECK(setting_of(q::Operator::Softplus, settings) == "beta");
  settings.parameters[0] = 0;
  CHECK(setting_of(q::Operator::Softplus, settings) == "beta 0");
  settings.parameters[0] = -1;
  settings.parameters[1] = infinity;
  CHECK(setting_of(q::Operator::Softplus, settings) == "threshold");
  for (const float high : {-2.0f, -1.0f, 0.5f}) {
    settings.parameters[1] = high;
    CHECK(setting_of(q::Operator::Clamp, settings) == (high > -1 ? "" : "high"));
  }
  settings.in_channels = 4;
  settings.epsilon = -1e-5f;
  CHECK(setting_of(q::Operator::BatchNorm2d, settings) == "eps");
  CHECK(setting_of(q::Operator::ChannelAffine, settings) == "eps");
  settings.parameters[0] = infinity;
  CHECK(setting_of(q::Operator::PReLU, settings) == "init");
  settings.parameters[0] = -1;
  CHECK(setting_of(q::Operator::PReLU, settings) == "");
  q::Settings norm = axes(4);
  for (const float eps : {-1e-5f, 0.0f, infinity, 1e-30f}) {
    norm.epsilon = eps;
    CHECK(setting_of(q::Operator::LayerNorm, norm) == (eps == 1e-30f ? "" : "eps"));
    CHECK(setting_of(q::Operator::RMSNorm, norm) == (eps == 1e-30f ? "" : "eps"));
  }
  settings.epsilon = 1e-5f;
  settings.momentum = infinity;
  CHECK(setting_of(q::Operator::BatchNorm2d, settings) == "momentum");
  CHECK(setting_of(q::Operator::ChannelAffine, settings) == "");
}

// The compiler refuses to read a third setting of a function with two.
static_assert(verifies_a_function_of_two_settings());

TEST_CASE("an upsampling may keep the size") {
  q::Settings settings;
  settings.scale_factor = 1;
  CHECK(setting_of(q::Operator::Upsample, settings) == "");
  settings.scale_factor = {1, 0};
  CHECK(setting_of(q::Operator::Upsample, settings) == "scale_factor 0");
  settings.scale_factor = {-2, 1};
  CHECK(setting_of(q::Operator::Upsample, settings) == "scale_factor -2");
}

TEST_CASE("a real factor of an upsampling is positive and finite, and leaves a pixel") {
  const auto judge = [](q::ScaleFactor factor, const q::Shape& x = q::Shape(4, 4, 1)) {
    q::Settings settings;
    settings.scale_factor = factor;
    OneCall call(q::Operator::Upsample, settings, x);
    const q::misuse::SettingCheck known = q::misuse::check_settings(call.graph(), call.nodes[1], true);
    return known.failed() ? std::string(known.setting.begin(), known.setting.end()) + (known.is_real ? "" : " whole")
                          : "";
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), largest = std::numeric_limits<double>::max();
  constexpr double most = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, most, -most, -1.5, -0.5, 1e-9, 1e9, largest, 0.2499}) {
    CAPTURE(bad);
    CHECK(judge({bad, 1}) == "scale_factor");
    CHECK(judge({1, bad}) == "scale_factor");
  }
  CHECK(judge(0.25) == "");
  CHECK(judge({1, 1.99}) == "");
  CHECK(judge(q::Fraction(1, 0)) == "scale_factor");
  CHECK(judge(q::Fraction(3, -2)) == "scale_factor");
  CHECK(judge(q::Fraction(-3, 2)) == "scale_factor");
  CHECK(judge({q::Fraction(1 << 30, (1 << 30) - 1), q::Fraction((1 << 29) + 1, 1 << 29)}) == "");
  CHECK(judge({q::Fraction(1 << 30, (1 << 30) - 1), q::Fraction((1 << 30) + 1, 1 << 30)}) == "scale_factor");
}

TEST_CASE("an upsampling has a size or a factor, and corners that its mode can align") {
  using enum q::CoordinateMode;
  constexpr auto bilinear = q::InterpolationMode::Bilinear;
  const Mistakes refused{"setting-out-of-range up"};
  CHECK(mistakes_of<ResizedMap<q::Upsample{.size = {3, 5}}>>().empty());
  CHECK(setting_of_module<ResizedMap<q::Upsample{}>>() == "scale_factor 0");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.size = 0}>>() == "size 0");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.size = {3, -5}}>>() == "size -5");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.size = {-1, 3}}>>() == "size -1");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.size = 3, .scale_factor = 2}>>() == "size and scale_factor 3");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.size = 3, .recompute_scale_factor = true}>>() ==
        "size and recompute_scale_factor 1");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.size = 3, .align_corners = true}>>() == "align_corners 1");
  CHECK(mistakes_of<ResizedMap<q::Upsample{.size = 3, .mode = bilinear, .align_corners = true}>>().empty());
  CHECK(mistakes_of<ResizedMap<q::Upsample{.size = 3, .coordinates = AlignCorners}>>().empty());
  CHECK(setting_of_module<
            ResizedMap<q::Upsample{.size = 3, .mode = bilinear, .align_corners = true, .coordinates = Asymmetric}>>() ==
        "align_corners and coordinates 1");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.scale_factor = 0.1}>>() == "scale_factor");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.scale_factor = {1, 0.1}, .recompute_scale_factor = true}>>() ==
        "scale_factor");
  CHECK(mistakes_of<ResizedTensor<q::Upsample{.size = 3}, 8, 9>>() == Mistakes{"shape-mismatch up"});
  CHECK(mistakes_of<ResizedTensor<q::Upsample{.scale_factor = 2}, 8>>() == Mistakes{"shape-mismatch up"});
  CHECK(setting_of_module<ResizedMap<q::Upsample{.scale_factor = (1LL << 32) + 2}>>() == "scale_factor");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.size = 1 << 30}>>() == "number of elements 2147483647");
  CHECK(setting_of_module<ResizedMap<q::Upsample{.scale_factor = 2147483647}>>() == "number of elements 2147483647");
  CHECK(mistakes_of<ResizedMap<q::Upsample{.size = 3, .scale_factor = 2}>>() == refused);
}

TEST_CASE("layers have channels and features") {
  q::Settings settings;
  settings.in_channels = settings.out_channels = 4;
  CHECK(setting_of(q::Operator::BatchNorm2d, settings) == "");
  CHECK(setting_of(q::Operator::Linear, settings) == "");
  settings.out_channels = 0;
  CHECK(setting_of(q::Operator::Linear, settings) == "out_features 0");
  settings.in_channels = 0;
  CHECK(setting_of(q::Operator::BatchNorm2d, settings) == "channels 0");
  CHECK(setting_of(q::Operator::ChannelAffine, settings) == "channels 0");
  CHECK(setting_of(q::Operator::PReLU, settings) == "num_parameters 0");
  CHECK(setting_of(q::Operator::Embedding, settings) == "num_embeddings 0");
  settings.in_channels = 3;
  CHECK(setting_of(q::Operator::Embedding, settings) == "embedding_dim 0");
  settings.out_channels = 2;
  CHECK(setting_of(q::Operator::Embedding, settings) == "");
  settings.axis_count = 1;
  settings.axes[0] = 2;
  CHECK(setting_of(q::Operator::Embedding, settings) == "");
  settings.axes[0] = 3;
  CHECK(setting_of(q::Operator::Embedding, settings) == "padding_idx 3");
  settings.axes[0] = -4;
  CHECK(setting_of(q::Operator::Embedding, settings) == "padding_idx -4");
  settings = {};
  CHECK(setting_of(q::Operator::Linear, settings) == "in_features 0");
}

TEST_CASE("a quantized tensor is not multiplied by zero") {
  const q::Settings zero;
  CHECK(setting_of(q::Operator::MulScalar, zero, q::Shape(8), q::Domain::Quantized) == "scalar 0");
  CHECK(setting_of(q::Operator::MulScalar, zero, q::Shape(8), q::Domain::Float) == "");
  CHECK(setting_of(q::Operator::AddScalar, zero, q::Shape(8), q::Domain::Quantized) == "");
}

TEST_CASE("axes lie inside the tensor, each once") {
  using q::Operator;
  CHECK(setting_of(Operator::Mean, axes({0, 1})) == "");
  CHECK(setting_of(Operator::Mean, axes(3)) == "axis 3");
  CHECK(setting_of(Operator::Mean, axes({1, 1})) == "axis 1");
  CHECK(setting_of(Operator::Sum, axes(q::Axes(std::initializer_list<int>{}))) == "number of axes 0");
  CHECK(setting_of(Operator::Permute, axes({2, 0, 1})) == "");
  CHECK(setting_of(Operator::Permute, axes({0, 1})) == "number of axes 2");
  CHECK(setting_of(Operator::Cat, axes(3)) == "axis 3");
  CHECK(setting_of(Operator::Cat, axes(-4)) == "axis -4");
  CHECK(setting_of(Operator::Cat, axes(0)) == "");
  CHECK(setting_of(Operator::Permute, axes({0, 1, 1})) == "axis 1");
  CHECK(setting_of(Operator::Permute, axes({0, 1, 2, 3, 4, 5, 6})) == "number of axes 7");
}

TEST_CASE("extents of a reshape are positive, one of them may be open") {
  using q::Operator;
  CHECK(setting_of(Operator::Reshape, axes({16, -1})) == "");
  CHECK(setting_of(Operator::Reshape, axes({-1, 16})) == "");
  CHECK(setting_of(Operator::Reshape, axes({256})) == "");
  CHECK(setting_of(Operator::Reshape, axes({2, 8, -1})) == "");
  CHECK(setting_of(Operator::Reshape, axes({-1, -1})) == "extent -1");
  CHECK(setting_of(Operator::Reshape, axes({0, 256})) == "extent 0");
  CHECK(setting_of(Operator::Reshape, axes(q::Axes(std::initializer_list<int>{}))) == "number of extents 0");
  CHECK(setting_of(Operator::Reshape, axes({1, 1, 1, 1, 1, 1, 256})) == "number of extents 7");
}

TEST_CASE("a slice holds something and lies inside its axis") {
  const auto slice = [](int axis, int begin, int end) {
    q::Settings settings = axes(axis);
    settings.begin[0] = begin;
    settings.end[0] = end;
    return setting_of(q::Operator::Slice, settings);
  };
  CHECK(slice(2, 0, 4) == "");
  CHECK(slice(0, 0, 8) == "");
  CHECK(slice(2, 0, 5) == "end 5");
  CHECK(slice(2, 2, 2) == "end 2");
  CHECK(slice(2, -1, 2) == "begin -1");
  CHECK(slice(2, 4, 5) == "begin 4");
  CHECK(slice(3, 0, 1) == "axis 3");
}

TEST_CASE("pad names each axis and adds something or nothing") {
  q::Settings settings;
  settings.axis_count = 3;
  settings.begin[0] = 2;
  CHECK(setting_of(q::Operator::Pad, settings) == "");
  settings.end[2] = -1;
  CHECK(setting_of(q::Operator::Pad, settings) == "margin -1");
  settings.axis_count = 2;
  CHECK(setting_of(q::Operator::Pad, settings) == "number of axes 2");
}

TEST_CASE("inputs hold something, and no tensor has more elements than an int counts") {
  CHECK(mistakes_of<EmptyInput>() == Mistakes{"setting-out-of-range Input"});
  CHECK(mistakes_of<Huge>() == Mistakes{"setting-out-of-range Input"});
}

TEST_CASE("settings that were not given are found as such, and not as wrong shapes too") {
  const auto found = findings_of<Wrapped<ForgottenSettings, 8, 8, 4>>();
  CHECK(texts_of(found) == Mistakes{"setting-out-of-range body.conv", "setting-out-of-range body.pool",
                                    "setting-out-of-range body.up", "setting-out-of-range body.linear"});
}

TEST_CASE("functions made of reshape, permute and slice refuse under their own names") {
  const auto refused = [](const char* function) { return Mistakes{std::string("setting-out-of-range ") + function}; };
  CHECK(mistakes_of<Moves<[](auto x) { return q::unsqueeze(x, 4); }>>() == refused("unsqueeze"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::unsqueeze(x, -5); }>>() == refused("unsqueeze"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::squeeze(x, 0); }>>() == refused("squeeze"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::squeeze(x, 3); }>>() == refused("squeeze"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::split(x, {4, 4}, -1)[0]; }>>()[0] == refused("split")[0]);
  CHECK(mistakes_of<Moves<[](auto x) { return q::split(x, {10, -1}, -1)[1]; }>>()[0] == refused("split")[0]);
  CHECK(mistakes_of<Moves<[](auto x) { return q::split(x, {9}, 3)[0]; }>>() == refused("split"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::chunk<6>(x, 2)[0]; }>>()[0] == refused("chunk")[0]);
  CHECK(mistakes_of<Moves<[](auto x) { return q::chunk<1>(x, 3)[0]; }>>() == refused("chunk"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::pixel_shuffle(x, 2); }>>() == refused("pixel_shuffle"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::pixel_shuffle(x, 0); }>>() == refused("pixel_shuffle"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::pixel_unshuffle(x, 4); }>>() == refused("pixel_unshuffle"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::depth_to_space(q::flatten(x), 3); }>>() == refused("depth_to_space"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::space_to_depth(x, 100000); }>>() == refused("space_to_depth"));
  CHECK(mistakes_of<Moves<[](auto x) { return q::pixel_shuffle(q::pixel_shuffle(x, 3), 1); }>>().empty());
}
TEST_CASE("a refused setting of such a function is named with its value") {
  q::Settings settings;
  settings.refused = "upscale_factor";
  settings.axes[0] = -2;
  CHECK(setting_of(q::Operator::Reshape, settings) == "upscale_factor -2");
  CHECK(setting_of(q::Operator::Slice, settings) == "upscale_factor -2");
}

TEST_CASE("a norm of rows lists one to six extents of at least 1") {
  const auto normalized = [](q::Axes extents) {
    q::Settings settings = axes(extents);
    settings.epsilon = 1e-5f;
    return setting_of(q::Operator::LayerNorm, settings);
  };
  CHECK(normalized(4) == "");
  CHECK(normalized({8, 8, 4}) == "");
  CHECK(normalized(0) == "normalized_shape 0");  // not set
  CHECK(normalized({8, -1}) == "normalized_shape -1");
  CHECK(normalized(q::Axes({})) == "number of extents 0");
  CHECK(normalized({1, 1, 1, 1, 1, 1, 1}) == "number of extents 7");
}
