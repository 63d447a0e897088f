// SPDX-License-Identifier: Apache-2.0
// A network with most operators that the integer engine runs, and constants for it. They mean nothing, but are valid:
// what matters is that each operator gets its own.
#pragma once

#include <array>

#include <quench/embedded.hpp>

namespace many_operators {

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 9, 8>, q::Features<4, 6>>;
  q::QuantStub image, side;
  q::Conv2d stem{.in_channels = 1, .out_channels = 4, .kernel_size = {3, 2}, .stride = {2, 1}, .padding = 1};
  q::BatchNorm2d stem_bn{.channels = 4};
  q::ReLU stem_relu{}, relu{};
  q::Conv2d depthwise{
      .in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 2, .dilation = 2, .groups = 4, .bias = false};
  q::Conv2d wide{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::FloatFunctional add, sub, mul, mul_wide, add_relu, maximum, minimum, cat, matmul, add_scalar, mul_scalar, sum,
      mean, excite;
  q::ReLU6 relu6{};
  q::MaxPool2d max_pool{.kernel_size = 2};
  q::AvgPool2d avg_pool{.kernel_size = 3, .stride = 2, .padding = 1};
  q::GlobalAvgPool2d squeeze;
  q::Upsample nearest{.scale_factor = 2}, bilinear{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::ConvTranspose2d up{.in_channels = 4, .out_channels = 2, .kernel_size = 2, .stride = 2};
  q::Sigmoid sigmoid;
  q::Tanh tanh;
  q::LeakyReLU leaky;
  q::Linear linear{.in_features = 6, .out_features = 4}, classifier{.in_features = 10, .out_features = 3};
  q::DeQuantStub dequant;

  constexpr auto forward(auto pixels, auto features) const {
    auto x = stem_relu(stem_bn(stem(image(pixels))));                                 // [5, 9, 4], one operator
    auto d = depthwise(x);                                                            // [5, 9, 4]
    auto a = add.add(x, d);                                                           //
    auto b = sub.sub(a, sigmoid(d));                                                  //
    auto c = relu(b);                                                                 // b has two users: a step
    auto e = relu6(mul.mul(b, c));                                                    // a clamp of the product
    auto f = add_relu.add_relu(e, maximum.maximum(minimum.minimum(a, c), tanh(e)));   //
    auto g = excite.mul(f, squeeze(f));                                               // a factor for each channel
    auto h = max_pool(g);                                                             // [2, 4, 4]
    auto i = nearest(h);                                                              // [4, 8, 4]
    auto j = q::slice(bilinear(h), 0, 1, 3);                                          // [2, 8, 4]
    auto k = cat.cat(q::slice(i, 0, 0, 2), j, leaky(q::slice(i, 0, 2, 4)));           // [2, 8, 12]
    auto l = avg_pool(q::pad(q::slice(k, 2, 2, 6), {{1, 0}, {0, 1}, {0, 0}}));        // [3, 9, 4] -> [2, 5, 4]
    auto w = wide(l);                                                                 // int16
    auto m = mul_wide.mul(w, add_scalar.add_scalar(l, 0.5f));                         // [2, 5, 4]
    auto n = linear(side(features));                                                  // [4, 4]
    auto o = mul_scalar.mul_scalar(matmul.matmul(q::reshape(m, {10, 4}), n), -2.0f);  // [10, 4]
    return std::tuple(dequant(classifier(mean.mean(o, 1))), dequant(q::permute(up(h), {2, 0, 1})), dequant(w),
                      dequant(sum.sum(o, 0)));
  }
};

/// Bytes that look random.
template <std::size_t Size>
struct Bytes {
  std::int8_t values[Size]{};

  constexpr explicit Bytes(std::uint32_t state) {
    for (std::int8_t& value : values) {
      state = state * 1664525u + 1013904223u;
      value = static_cast<std::int8_t>(static_cast<int>(state >> 24) - 128);
    }
  }
};

struct Constants {
  static constexpr const q::Graph& graph = q::graph<Net>;

  static constexpr Bytes<4 * 6> stem{1};
  static constexpr Bytes<4 * 9> depthwise{2};
  static constexpr Bytes<4 * 4> wide{3};
  static constexpr Bytes<2 * 4 * 4> up{4};
  static constexpr Bytes<6 * 4> linear{5};
  static constexpr Bytes<10 * 3> classifier{6};
  static constexpr Bytes<256> sigmoid{7}, tanh{8}, leaky{9};
  static constexpr std::int32_t bias[4] = {100, -2000, 30, -4};
  static constexpr q::Requantization records[] = {{20000, 1, 19}, {21000, 1, 20}, {30000, 0, 20}, {17000, 2, 18},
                                                  {25000, 0, 16}, {19000, 0, 15}, {29000, 0, 21}, {32000, 0, 24}};
  static constexpr q::kernels::Addition add{20, 20000, false, {20000, 12, 22}}, sub{18, 30000, true, {17000, 10, 22}},
      add_relu{20, 9000, true, {30000, 12, 23}};
  static constexpr q::kernels::ScalarAddition add_scalar{20, 3 << 20, {30000, 12, 23}};
  static constexpr float scales[] = {0.5f, 0.25f, 0.125f, 1.0f};  // float data
  static constexpr std::uint16_t multipliers[] = {16384, 8192, 4096, 32768};
};

struct Steps : Constants {
  q::device::StepConstants of[static_cast<std::size_t>(graph.node_count)]{};
  constexpr const q::device::StepConstants& operator[](int node) const { return of[node]; }
  constexpr q::device::StepConstants& named(q::TextView name) {
    return of[graph.modules[graph.find_module(name)].node];
  }

  constexpr Steps() {
    for (q::device::StepConstants& step : of) {
      step.scales = scales;
      step.multipliers = multipliers;
      step.scale_count = 1;
    }
    const auto layer = [this](q::TextView name, const std::int8_t* weight, const std::int32_t* bias_of, int record) {
      named(name).weight = weight;
      named(name).bias = bias_of;
      named(name).requantization = records + record;
      named(name).scale_count = 3;
    };
    layer("stem", stem.values, bias, 0);
    named("stem").low = 0;
    layer("depthwise", depthwise.values, nullptr, 1);
    layer("wide", wide.values, bias, 2);
    layer("up", up.values, bias, 0);
    named("up").scale_count = 2;
    layer("linear", linear.values, bias, 3);
    layer("classifier", classifier.values, bias, 0);
    const auto requantized = [this](q::TextView name, int record) { named(name).requantization = records + record; };
    requantized("mul", 4);
    named("mul").low = 0;
    named("mul").high = 90;
    requantized("mul_wide", 6);
    requantized("excite", 4);
    requantized("maximum", 4);
    requantized("cat", 4);
    requantized("matmul", 2);
    requantized("avg_pool", 4);
    requantized("squeeze", 7);
    requantized("sum", 5);
    requantized("mean", 5);
    named("add").addition = &add;
    named("sub").addition = &sub;
    named("add_relu").addition = &add_relu;
    named("add_scalar").scalar_addition = &add_scalar;
    named("mul_scalar").is_negative = true;
    named("sigmoid").int8_table = sigmoid.values;
    named("tanh").int8_table = tanh.values;
    named("leaky").int8_table = leaky.values;
  }
};

struct Weights : Constants {
  using Network = Net;
  static constexpr std::uint64_t network_hash = q::network_hash<Net>;
  static constexpr Steps steps{};

  static constexpr q::DType of(int module) {
    const q::TextView name = graph.modules[module].name;
    if (name == q::TextView("classifier") || name == q::TextView("up")) return q::DType::Int32;
    return name == q::TextView("wide") ? q::DType::Int16 : q::DType::Int8;
  }
};

inline constexpr Bytes<9 * 8> pixels{10};
inline constexpr Bytes<4 * 6> features{11};

}  // namespace many_operators
