// SPDX-License-Identifier: Apache-2.0
// Networks with parameters for each channel: a block of DenseNet as its weights come from PyTorch, and each layer on maps,
// rows and vectors, in float and between the stubs.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace per_channel {

namespace q = quench;

// Huang et al. 2017, "Densely Connected Convolutional Networks". Each norm before a ReLU is a ChannelAffine.
template <int In, int Growth>
struct DenseLayer {
  q::ChannelAffine norm1{.channels = In};
  q::ReLU relu1{};
  q::Conv2d conv1{.in_channels = In, .out_channels = 2 * Growth, .kernel_size = 1, .bias = false};
  q::ChannelAffine norm2{.channels = 2 * Growth};
  q::ReLU relu2{};
  q::Conv2d conv2{.in_channels = 2 * Growth, .out_channels = Growth, .kernel_size = 3, .padding = 1, .bias = false};
  q::FloatFunctional join;
  constexpr auto forward(auto x) const { return join.cat(x, conv2(relu2(norm2(conv1(relu1(norm1(x))))))); }
};

struct DenseBlock {
  using Inputs = q::Inputs<q::Features<6, 5, 4>>;
  q::QuantStub quant;
  std::tuple<DenseLayer<4, 3>, DenseLayer<7, 3>> layers;
  q::ChannelAffine norm{.channels = 10};
  q::ReLU relu{};
  q::GlobalAvgPool2d pool;
  q::Linear classifier{.in_features = 10, .out_features = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    return dequant(classifier(q::flatten(pool(relu(norm(q::sequential(layers, quant(x))))))));
  }
};

// Maps, rows and vectors; a ReLU, a ReLU6 and none after it; one channel; an output; in float before and after the stubs.
struct Affines {
  using Inputs = q::Inputs<q::Features<3, 5, 7>>;
  q::ChannelAffine before{.channels = 7};
  q::QuantStub quant;
  q::ChannelAffine map{.channels = 7}, clamped{.channels = 7}, row{.channels = 35}, vector{.channels = 105},
      single{.channels = 1}, last{.channels = 7};
  q::ReLU relu;
  q::ReLU6 relu6;
  q::DeQuantStub dequant;
  q::ChannelAffine after{.channels = 7};
  constexpr auto forward(auto x) const {
    auto y = relu6(clamped(map(quant(before(x)))));
    auto z = relu(row(q::reshape(y, {3, 35})));
    return std::tuple(dequant(vector(q::flatten(z))), dequant(single(q::reshape(y, {15, 7, 1}))),
                      after(dequant(last(y))));
  }
};

// Slopes of maps, rows and vectors, one or one for each channel; a ReLU6 after one; an output; in float before and after the
// stubs. Inits are positive, negative, 0 and above 1.
struct Slopes {
  using Inputs = q::Inputs<q::Features<3, 5, 7>>;
  q::PReLU before{.num_parameters = 7};
  q::QuantStub quant;
  q::PReLU map{.num_parameters = 7}, one{.init = 0.5f}, row{.num_parameters = 35, .init = -1.5f},
      vector{.num_parameters = 105, .init = 0}, clamped{.num_parameters = 7, .init = -2};
  q::FloatFunctional minus, more, less, lower;
  q::ReLU6 relu6;
  q::DeQuantStub dequant;
  q::PReLU after;
  constexpr auto forward(auto x) const {
    auto v = quant(before(x));
    auto y = map(v), shifted = lower.add_scalar(v, -1.0f);
    auto z = q::flatten(row(q::reshape(less.add_scalar(y, -0.5f), {3, 35})));
    return std::tuple(dequant(vector(more.add_scalar(z, -0.5f))), dequant(one(minus.mul_scalar(y, -3.0f))),
                      dequant(relu6(clamped(shifted))), after(dequant(shifted)));
  }
};

}  // namespace per_channel
