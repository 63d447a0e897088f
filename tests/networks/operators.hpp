// SPDX-License-Identifier: Apache-2.0
// Small networks that have every operator between them, a few each, with settings that are not the defaults.
#pragma once

#include <quench/network.hpp>

namespace operators {

namespace q = quench;

struct Layers {
  using Inputs = q::Inputs<q::Features<7, 9, 4>>;
  q::QuantStub quant;
  q::Conv2d dense{
      .in_channels = 4, .out_channels = 6, .kernel_size = {3, 2}, .stride = {2, 1}, .padding = {1, 0}, .bias = false};
  q::BatchNorm2d dense_norm{.channels = 6};
  q::Conv2d grouped{
      .in_channels = 6, .out_channels = 4, .kernel_size = 3, .padding = 2, .dilation = 2, .groups = 2, .bias = false};
  q::BatchNorm2d grouped_norm{.channels = 4, .eps = 1e-3f, .momentum = 0.3f};
  q::Conv2d depthwise{.in_channels = 4, .out_channels = 8, .kernel_size = 3, .padding = 1, .groups = 4};
  q::ConvTranspose2d up{.in_channels = 8,
                        .out_channels = 4,
                        .kernel_size = 3,
                        .stride = 2,
                        .padding = 1,
                        .output_padding = 1,
                        .groups = 2};
  q::Linear linear{.in_features = 4, .out_features = 4, .bias = false};
  q::BatchNorm2d linear_norm{.channels = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = dense_norm(dense(linear_norm(linear(quant(x)))));
    return dequant(up(depthwise(grouped_norm(grouped(y)))));
  }
};

struct Functions {
  using Inputs = q::Inputs<q::Features<5, 3, 8>>;
  q::QuantStub quant;
  q::Sigmoid sigmoid;
  q::Tanh tanh;
  q::SiLU silu;
  q::GELU gelu;
  q::Softmax softmax;
  q::FloatFunctional first, second, third, fourth;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    auto y = third.add(first.add(sigmoid(v), tanh(v)), second.add(silu(v), gelu(v)));
    return dequant(fourth.add(y, softmax(v)));
  }
};

struct HardFunctions {
  using Inputs = q::Inputs<q::Features<5, 3, 8>>;
  q::QuantStub quant;
  q::HardSwish hard_swish;
  q::HardSigmoid hard_sigmoid, of_onnx{.alpha = 0.2f, .beta = 0.5f};
  q::Clamp clamp{.low = -2, .high = 1.5f};
  q::FloatFunctional scale, first, second, third;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = scale.mul_scalar(quant(x), 5.0f);  // past both corners
    return dequant(third.add(second.add(first.mul(hard_swish(v), hard_sigmoid(v)), of_onnx(v)), clamp(v)));
  }
};

struct SmoothFunctions {
  using Inputs = q::Inputs<q::Features<5, 3, 8>>;
  q::QuantStub quant;
  q::ELU elu{.alpha = 0.75f};
  q::Softplus softplus{.beta = 2};
  q::Mish mish;
  q::Abs abs;
  q::Square square;
  q::Exp exp;
  q::FloatFunctional first, second, third, fourth, fifth;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    auto y = third.add(first.add(elu(v), softplus(v)), second.mul(mish(v), abs(v)));
    return dequant(fifth.add(y, fourth.add(square(v), exp(v))));
  }
};

// Each stays inside its domain: the sum of a square and 1/4 is positive.
struct PartlyDefined {
  using Inputs = q::Inputs<q::Features<5, 3, 8>>;
  q::QuantStub quant;
  q::Square square;
  q::Log log;
  q::Sqrt sqrt;
  q::Rsqrt rsqrt;
  q::Reciprocal reciprocal;
  q::FloatFunctional positive, first, second, third;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = positive.add_scalar(square(quant(x)), 0.25f);
    return dequant(third.add(first.add(log(v), sqrt(v)), second.mul(rsqrt(v), reciprocal(v))));
  }
};

// A softmax of so many classes that it has two levels of small exponentials.
struct ManyClasses {
  using Inputs = q::Inputs<q::Features<2, 1100>>;
  q::QuantStub quant;
  q::Softmax softmax;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(softmax(quant(x))); }
};

// Norms of one axis, of several and of the whole tensor, with and without weights and biases, and one with a ReLU.
struct RowNorms {
  using Inputs = q::Inputs<q::Features<4, 5, 8>>;
  q::QuantStub quant;
  q::LayerNorm layer_norm{.normalized_shape = 8}, plain_norm{.normalized_shape = {5, 8}, .elementwise_affine = false};
  q::LayerNorm map_norm{.normalized_shape = {4, 5, 8}, .eps = 0.25f},
      unbiased_norm{.normalized_shape = 8, .bias = false};
  q::RMSNorm rms_norm{.normalized_shape = 8}, plain_rms{.normalized_shape = {5, 8}, .elementwise_affine = false};
  q::FloatFunctional first, second, third;
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    auto y = first.add(layer_norm(v), plain_norm(v));
    auto z = second.add(relu(map_norm(v)), rms_norm(unbiased_norm(v)));
    return dequant(third.add(plain_rms(y), z));
  }
};

struct Corners {
  using Inputs = q::Inputs<q::Features<6, 6, 3>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 5, .kernel_size = 3};
  q::ReLU relu{}, free_relu{};
  q::ReLU6 relu6{};
  q::LeakyReLU leaky{.negative_slope = 0.1f};
  q::FloatFunctional scale, sum, sum_relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = relu(conv(quant(x)));
    auto z = scale.mul_scalar(y, 6.0f);
    auto a = sum.add(relu6(z), free_relu(z));
    return dequant(leaky(sum_relu.add_relu(a, y)));
  }
};

struct Pools {
  using Inputs = q::Inputs<q::Features<6, 8, 3>>;
  q::QuantStub quant;
  q::AvgPool2d average{.kernel_size = {3, 2}, .stride = {2, 1}, .padding = 1};
  q::GlobalAvgPool2d whole;
  q::Upsample nearest{.scale_factor = {2, 3}}, bilinear{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    return std::tuple(dequant(bilinear(average(v))), dequant(nearest(v)), dequant(whole(v)));
  }
};

struct MaxPools {
  using Inputs = q::Inputs<q::Features<7, 8, 3>>;
  q::QuantStub quant;
  q::MaxPool2d padded{.kernel_size = 3, .stride = 2, .padding = 1}, plain{.kernel_size = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    return std::tuple(dequant(padded(v)), dequant(plain(v)));
  }
};

// Padding of four sides, TensorFlow's SAME, windows that go past the padding or do not count it.
struct Windows {
  using Inputs = q::Inputs<q::Features<8, 9, 4>>;
  q::QuantStub quant;
  q::Conv2d same{.in_channels = 4, .out_channels = 6, .kernel_size = {3, 2}, .stride = 2, .padding = q::Padding::Same};
  q::Conv2d dense{.in_channels = 6, .out_channels = 8, .kernel_size = 3, .padding = {2, 0, 1, 3}, .groups = 2};
  q::Conv2d depthwise{.in_channels = 8, .out_channels = 8, .kernel_size = 3, .padding = {0, 2, 2, 1}, .groups = 8};
  q::AvgPool2d average{.kernel_size = 2, .stride = 1, .padding = {1, 0, 0, 1}},
      average_same{.kernel_size = 3, .stride = 2, .padding = q::Padding::Same, .count_include_pad = false},
      average_ceil{.kernel_size = 3, .stride = 2, .padding = {1, 0}, .ceil_mode = true};
  q::MaxPool2d largest{.kernel_size = {2, 3}, .stride = 1, .padding = {0, 1, 1, 0}},
      largest_same{.kernel_size = 2, .stride = {1, 2}, .padding = q::Padding::Same},
      largest_ceil{.kernel_size = 3, .stride = 2, .ceil_mode = true};
  q::ReLU6 relu6;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = depthwise(dense(same(quant(x))));  // [4, 6, 8]
    return std::tuple(dequant(largest(average(y))), dequant(average_same(largest_same(y))),
                      dequant(relu6(average_ceil(y))), dequant(largest_ceil(y)));
  }
};

// Windows that share the map: some equal, some not, and more of them than pixels.
struct AdaptivePools {
  using Inputs = q::Inputs<q::Features<6, 7, 5>>;
  q::QuantStub quant;
  q::AdaptiveAvgPool2d equal{.output_size = {3, 7}}, uneven{.output_size = {4, 3}}, larger{.output_size = {8, 5}};
  q::AdaptiveMaxPool2d largest{.output_size = {4, 9}};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    return std::tuple(dequant(equal(v)), dequant(uneven(v)), dequant(larger(v)), dequant(largest(v)));
  }
};

// To a size or by a real factor, larger and smaller, at the coordinates of PyTorch and of ONNX.
struct Resizes {
  using Inputs = q::Inputs<q::Features<6, 8, 3>>;
  static constexpr auto bilinear = q::InterpolationMode::Bilinear;
  q::QuantStub quant;
  q::Upsample sized{.size = {9, 5}};
  q::Upsample blurred{.size = {4, 11}, .mode = bilinear};
  q::Upsample corners{.size = {7, 3}, .mode = bilinear, .align_corners = true};
  q::Upsample real{.scale_factor = {0.7, 1.3}, .mode = bilinear};
  q::Upsample recomputed{.scale_factor = {0.7, 1.3}, .mode = bilinear, .recompute_scale_factor = true};
  q::Upsample corner{.size = {1, 4}, .mode = bilinear, .coordinates = q::CoordinateMode::PytorchHalfPixel};
  q::Upsample shifted{.scale_factor = 1.5, .mode = bilinear, .coordinates = q::CoordinateMode::Asymmetric};
  q::Upsample exact{.scale_factor = q::Fraction(3, 4),
                    .coordinates = q::CoordinateMode::HalfPixel,
                    .nearest_mode = q::NearestMode::RoundPreferCeil};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = quant(x);
    return std::tuple(dequant(sized(v)), dequant(blurred(v)), dequant(corners(v)), dequant(real(v)),
                      dequant(recomputed(v)), dequant(corner(v)), dequant(shifted(v)), dequant(exact(v)));
  }
};

struct Arithmetic {
  using Inputs = q::Inputs<q::Features<4, 3, 5>, q::Features<4, 1, 5>>;
  q::QuantStub first, second;
  q::FloatFunctional add, sub, mul, cat, add_scalar, mul_scalar, sum, mean, matmul;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const {
    auto a = first(x);
    auto b = second(y);
    auto c = mul.mul(sub.sub(add.add(a, b), a), mul_scalar.mul_scalar(add_scalar.add_scalar(b, 0.75f), -1.5f));
    auto d = cat.cat(c, a, c);                                        // [4, 3, 15]
    auto e = matmul.matmul(a, q::reshape(sum.sum(d, 1), {4, 5, 3}));  // [4, 3, 3]
    return std::tuple(dequant(e), dequant(mean.mean(d, {0, 2}, true)));
  }
};

// Joins along every axis. Quotients and numbers beside tensors are made of other operators.
struct Joins {
  using Inputs = q::Inputs<q::Features<4, 3, 5>, q::Features<2, 3, 5>>;
  q::QuantStub first, second;
  q::FloatFunctional rows, columns, stack, gather, away;
  q::Div div;
  q::FloatFunctional at_least, at_most;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const {
    auto a = first(x);
    auto b = second(y);
    auto c = rows.cat<0>(a, b, a);                                                          // [10, 3, 5]
    auto d = columns.cat<-2>(c, q::slice(c, 1, 0, 2));                                      // [10, 5, 5]
    auto e = gather.gather(stack.stack<1>(d, q::permute(d, {0, 2, 1})), {3, 4, 0, -1}, 0);  // [4, 2, 5, 5]
    auto f = div(q::slice(e, 2, 0, 3), away.add_scalar(at_least.maximum(q::unsqueeze(a, 1), -0.5f), 1.5f));
    return std::tuple(dequant(e), dequant(at_most.minimum(f, 0.25f)));
  }
};

struct Choices {
  using Inputs = q::Inputs<q::Features<4, 3, 5>, q::Features<4, 1, 5>>;
  q::QuantStub first, second;
  q::FloatFunctional maximum, minimum, same;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const {
    auto a = first(x);
    auto b = second(y);
    auto c = maximum.maximum(a, b);
    return std::tuple(dequant(minimum.minimum(c, b)), dequant(same.maximum(a, q::slice(a, 0, 0, 4))));
  }
};

// A ReLU, which becomes a clamp, after every operator whose result it changes.
struct Clamps {
  using Inputs = q::Inputs<q::Features<4, 6, 6>>;
  q::QuantStub quant;
  q::Linear start{.in_features = 6, .out_features = 6};
  q::FloatFunctional add, sub, mul, maximum, minimum, add_scalar, mul_scalar, cat, sum, mean, matmul;
  q::AvgPool2d average{.kernel_size = 2};
  q::GlobalAvgPool2d whole;
  q::Tanh tanh;
  q::SiLU silu;
  q::GELU gelu;
  q::LeakyReLU leaky{.negative_slope = 0.5f};
  q::Conv2d conv{.in_channels = 6, .out_channels = 4, .kernel_size = 3};
  q::ConvTranspose2d up{.in_channels = 6, .out_channels = 4, .kernel_size = 2, .stride = 2};
  q::Linear linear{.in_features = 6, .out_features = 5};
  q::ReLU relu;
  q::ReLU6 relu6;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto v = start(quant(x));
    auto w = mul_scalar.mul_scalar(q::permute(v, {0, 2, 1}), -2.0f);
    auto functions =
        std::tuple(dequant(relu(tanh(v))), dequant(relu(silu(v))), dequant(relu6(gelu(v))), dequant(relu(leaky(v))));
    auto layers = std::tuple(dequant(relu(conv(v))), dequant(relu6(up(v))), dequant(relu(linear(v))));
    auto pools = std::tuple(dequant(relu(average(v))), dequant(relu6(whole(v))));
    auto sums = std::tuple(dequant(relu(sum.sum(v, 0))), dequant(relu6(mean.mean(v, {0, 2}))));
    auto rest = std::tuple(dequant(relu(add.add(v, w))), dequant(relu(sub.sub(v, w))), dequant(relu6(mul.mul(v, w))),
                           dequant(relu(maximum.maximum(v, w))), dequant(relu(minimum.minimum(v, w))),
                           dequant(relu(add_scalar.add_scalar(v, -0.25f))), dequant(relu(w)),
                           dequant(relu(cat.cat(v, w))), dequant(relu(matmul.matmul(v, w))));
    return std::tuple_cat(functions, layers, pools, sums, rest);
  }
};

struct Shapes {
  using Inputs = q::Inputs<q::Features<4, 3, 6>>;
  q::QuantStub quant;
  q::Linear linear{.in_features = 6, .out_features = 8};
  q::Linear narrow{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto a = q::pad(q::permute(linear(quant(x)), {2, 0, 1}), {{1, 0}, {0, 2}, {1, 1}});  // [9, 6, 5]
    auto b = narrow(q::reshape(q::slice(a, 2, 1, 5), {6, 9, 4}));
    return dequant(q::flatten(q::permute(q::slice(b, 0, 1, 4), {1, 2, 0})));
  }
};

struct Moved {
  using Inputs = q::Inputs<q::Features<4, 6, 8>>;
  q::QuantStub quant;
  q::Linear linear{.in_features = 8, .out_features = 8};
  q::Linear last{.in_features = 4, .out_features = 4};
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto [a, b] = q::chunk<2>(q::pixel_unshuffle(q::pixel_shuffle(linear(quant(x)), 2), 2), -1);
    auto c = q::squeeze(q::unsqueeze(add.add(a, b), 1), 1);
    auto [d, e] = q::split(q::space_to_depth(q::depth_to_space(last(c), 2), 2), {1, 3}, 0);
    return std::tuple(dequant(d), dequant(e));
  }
};

// Modules without parameters, each called in float before the stubs, between the stubs, and in float after them.
struct CalledInFloatToo {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant, quant_again;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::SiLU silu;
  q::LeakyReLU leaky{.negative_slope = 0.3f};
  q::AvgPool2d average{.kernel_size = 2, .stride = 1};
  q::MaxPool2d largest{.kernel_size = 2, .stride = 1};
  q::Upsample up{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::ReLU relu;
  q::Softmax softmax;
  q::GlobalAvgPool2d mean;
  q::DeQuantStub dequant;
  constexpr auto all(auto x) const { return mean(softmax(relu(up(largest(average(leaky(silu(x)))))))); }
  constexpr auto forward(auto x) const {
    auto y = all(x);
    auto z = dequant(all(conv(quant(x))));
    return std::tuple(y, z, all(dequant(quant_again(x))), relu(silu(z)));
  }
};

}  // namespace operators
