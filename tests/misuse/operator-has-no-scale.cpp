// SPDX-License-Identifier: Apache-2.0
// A sum is an operation with a scale of its own, which a FloatFunctional keeps.
// With WRONG defined this must not compile; expect: quench[operator-has-no-scale] add 19
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
#ifndef WRONG
  q::FloatFunctional add;
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
#ifdef WRONG
    return dequant(x + conv(x));
#else
    return dequant(add.add(x, conv(x)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
