// SPDX-License-Identifier: Apache-2.0
// Networks with each kind of output: after an operator without an accumulator, after one that keeps the scale of its
// input, and from a layer that another operator uses too.
#pragma once

#include <tuple>

#include <quench/network.hpp>

namespace outputs {

namespace q = quench;

// A conv with its ReLU, a conv that is padded, one that another conv uses, both before a cat, and gates.
struct Maps {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d stem{.in_channels = 3, .out_channels = 4, .kernel_size = 3, .stride = 2, .padding = 1};
  q::ReLU stem_relu, relu;
  q::Conv2d rectified{.in_channels = 4, .out_channels = 3, .kernel_size = 1},
      padded = rectified, scaled = rectified, shared = rectified, left = rectified, right = rectified;
  q::Conv2d after_shared{.in_channels = 3, .out_channels = 2, .kernel_size = 3, .padding = 1};
  q::FloatFunctional factor, join, sum, product, larger;
  q::Sigmoid gate;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = stem_relu(stem(quant(image)));
    auto s = shared(x);
    auto a = left(x), b = right(x);
    return std::tuple(dequant(relu(rectified(x))), dequant(q::pad(padded(x), {{1, 0}, {0, 1}, {0, 0}})),
                      dequant(factor.mul_scalar(scaled(x), -0.25f)), dequant(s), dequant(after_shared(s)),
                      dequant(join.cat(a, b)), dequant(sum.add(a, b)), dequant(product.mul(a, gate(b))),
                      dequant(larger.maximum(a, b)));
  }
};

// Rows: probabilities, means, and functions of the input itself.
struct Rows {
  using Inputs = q::Inputs<q::Features<6, 8>>;
  q::QuantStub quant;
  q::Linear classes{.in_features = 8, .out_features = 10}, hidden{.in_features = 8, .out_features = 6};
  q::Softmax softmax;
  q::SiLU silu;
  q::Tanh tanh;
  q::ReLU relu;
  q::FloatFunctional mean, shifted, weighted;
  q::DeQuantStub dequant;
  constexpr auto forward(auto rows) const {
    auto x = quant(rows);
    auto p = softmax(classes(x)), h = silu(hidden(x));
    return std::tuple(dequant(p), dequant(h), dequant(mean.mean(h, {0})), dequant(shifted.add_scalar(h, 0.5f)),
                      dequant(weighted.matmul(q::permute(p, {1, 0}), h)), dequant(tanh(x)), dequant(relu(x)));
  }
};

// Outputs that no int16 reaches, an image that only moves, and a cat of which one part is int8.
struct Narrow {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 4, 4>>;
  q::QuantStub quant;
  q::Conv2d enlarged{.in_channels = 1, .out_channels = 2, .kernel_size = 1}, shared = enlarged, part = enlarged,
                                                                             coarse = enlarged;
  q::Upsample up{.scale_factor = 2}, spread{.scale_factor = 2}, repeated{.scale_factor = 2},
      blurred{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::MaxPool2d pool{.kernel_size = 2}, halve{.kernel_size = 2};
  q::ReLU relu;
  q::FloatFunctional join;
  q::DeQuantStub boxes, dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    auto s = shared(x);
    return std::tuple(boxes(up(relu(enlarged(x)))), dequant(s), dequant(pool(s)), dequant(q::slice(x, 0, 0, 2)),
                      dequant(repeated(x)), dequant(blurred(x)), dequant(join.cat(part(x), spread(halve(coarse(x))))));
  }
};

}  // namespace outputs
