// SPDX-License-Identifier: Apache-2.0
// Networks for the tests of what is attached to a quantized model.
#pragma once

#include <quench/flow/calibrate.hpp>
#include <quench/flow/convert.hpp>
#include <quench/flow/prepare.hpp>
#include <quench/network.hpp>

namespace attached {

namespace q = quench;

/// A score for each of 4 classes and pixel; high-precision output, a scale for each class.
struct Segmenter {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 4, 6>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(x))); }
};

/// One vector of scores.
struct Classifier {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 2, 3>>;
  q::QuantStub quant;
  q::Linear linear{.in_features = 6, .out_features = 5};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(linear(q::flatten(quant(x)))); }
};

/// Two inputs; two outputs: one rearranged after its DeQuantStub, one computed in float.
struct TwoHeads {
  using Inputs = q::Inputs<q::Features<2, 3, 2>, q::Image<q::color::CenteredGray, 2, 3>>;
  q::QuantStub quant_features, quant_image;
  q::FloatFunctional cat;
  q::Conv2d left{.in_channels = 3, .out_channels = 4, .kernel_size = 1};
  q::Conv2d right{.in_channels = 3, .out_channels = 3, .kernel_size = 1};
  q::DeQuantStub dequant;
  q::Softmax softmax;
  constexpr auto forward(auto features, auto image) const {
    auto x = cat.cat(quant_features(features), quant_image(image));
    return std::tuple(q::permute(dequant(left(x)), {2, 0, 1}), softmax(dequant(right(x))));
  }
};

/// Two images of different sizes.
struct Stereo {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 2, 3>, q::Image<q::color::CenteredGray, 4, 5>>;
  q::QuantStub quant_left, quant_right;
  q::FloatFunctional add;
  q::Conv2d shrink{.in_channels = 1, .out_channels = 1, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto left, auto right) const {
    return dequant(add.add(quant_left(left), shrink(quant_right(right))));
  }
};

template <class Net>
auto quantized() {
  q::FloatModel<Net> model{q::Seed{5}};
  return q::convert(q::calibrate(q::prepare<q::march::NashE>(model), q::random_batches<Net>(q::Seed{6}, 3, 4)));
}

template <class Net>
auto random_batch(int size) {
  return q::random_batches<Net>(q::Seed{7}, 1, size)[0];
}

}  // namespace attached
