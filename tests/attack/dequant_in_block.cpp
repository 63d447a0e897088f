// SPDX-License-Identifier: Apache-2.0
// expect: quench[missing-quant-stub] blocks.1.conv
// A block that ends with a DeQuantStub is called twice: the second one is given floats.
#include <quench/network.hpp>

namespace q = quench;

struct Block {
  q::Conv2d conv{.in_channels = 2, .out_channels = 2, .kernel_size = 3};
  q::FloatFunctional skip;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = conv(x);
    return dequant(skip.add(y, y));
  }
};
struct Net {
  using Inputs = q::Inputs<q::Features<6, 6, 2>>;
  q::QuantStub quant;
  Block blocks[2];
  constexpr auto forward(auto x) const { return blocks[1].forward(blocks[0].forward(quant(x))); }
};
static_assert(q::verified<Net>());
int main() {}
