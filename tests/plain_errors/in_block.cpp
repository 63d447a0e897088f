// SPDX-License-Identifier: Apache-2.0
// An error in the forward of a block.
// errors: g++ 1, clang 1
// of quench: g++ 0, clang 0
#include <quench/network.hpp>
namespace q = quench;

struct Block {
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::FloatFunctional skip;
  constexpr auto forward(auto x) const {
#ifdef WRONG
    return skip.add(x, conv9(x));
#else
    return skip.add(x, conv0(x));
#endif
  }
};

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  Block block;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(block.forward(quant(x))); }
};
int main() { return q::verified<Net, q::march::NashE>() ? 0 : 1; }
