// SPDX-License-Identifier: Apache-2.0
// A right network: two residual blocks of one type, and a head.
#pragma once

#include <quench/quench.hpp>

namespace q = quench;

struct Block {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::BatchNorm2d bn{.channels = 4};
  q::ReLU relu{};
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const { return skip.add(x, relu(bn(conv(x)))); }
};
struct Net {
  using Inputs = q::Inputs<q::Features<6, 6, 4>>;
  q::QuantStub quant;
  Block blocks[2];
  q::Conv2d head{.in_channels = 4, .out_channels = 2, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    for (const auto& block : blocks) y = block.forward(y);
    return dequant(head(y));
  }
};
