// SPDX-License-Identifier: Apache-2.0
// A layer made inside forward() has no name, so nothing can hold its weights.
// With WRONG defined this must not compile; expect: quench[module-not-a-member] Conv2d
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
#ifndef WRONG
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
#ifdef WRONG
    constexpr q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
#endif
    return dequant(conv0(quant(x)));
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
