// SPDX-License-Identifier: Apache-2.0
// A network of three layers, for tests of one function each.
#pragma once

#include <quench/network.hpp>

namespace toy {

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 2, .out_channels = 3, .kernel_size = 3, .padding = 1, .bias = false};
  q::BatchNorm2d norm{.channels = 3};
  q::ReLU relu;
  q::Linear head{.in_features = 48, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(q::flatten(relu(norm(conv(quant(x))))))); }
};

}  // namespace toy
