// SPDX-License-Identifier: Apache-2.0
// Operands of an addition have one shape; a convolution takes the channels that it is given.
// With WRONG defined this must not compile; expect: quench[shape-mismatch] skip
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
#ifdef WRONG
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3};  // 6 x 6 out
#else
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};  // 8 x 8 out
#endif
  q::FloatFunctional skip;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    return dequant(skip.add(y, conv0(y)));
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
