// SPDX-License-Identifier: Apache-2.0
// expect: quench[result-never-used] blocks.0.relu
// Each block of the loop reads x instead of y. So only the last of two blocks is in the network.
#include <quench/network.hpp>

namespace q = quench;

struct Block {
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 3, .padding = 1};
  q::ReLU relu{};
  constexpr auto forward(auto x) const { return relu(conv(x)); }
};
struct Net {
  using Inputs = q::Inputs<q::Features<6, 6, 2>>;
  q::QuantStub quant;
  Block blocks[2];
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    auto y = x;
    for (const auto& block : blocks) y = block.forward(x);
    return dequant(y);
  }
};
static_assert(q::verified<Net>());
int main() {}
