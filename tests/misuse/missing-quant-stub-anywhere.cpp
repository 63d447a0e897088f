// SPDX-License-Identifier: Apache-2.0
// A network without any QuantStub stays float from end to end; it is missing before the first layer.
// With WRONG defined this must not compile; expect: quench[missing-quant-stub] stem.conv
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct Stem {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::ReLU relu;
  constexpr auto forward(auto x) const { return relu(conv(x)); }
};

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
#ifndef WRONG
  q::QuantStub quant;
#endif
  Stem stem;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
#ifdef WRONG
    return dequant(stem.forward(x));
#else
    return dequant(stem.forward(quant(x)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
