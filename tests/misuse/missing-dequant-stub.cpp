// SPDX-License-Identifier: Apache-2.0
// Every output leaves through a DeQuantStub, so that its scale goes with it.
// With WRONG defined this must not compile; expect: quench[missing-dequant-stub] classifier
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d classifier{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
#ifndef WRONG
  q::DeQuantStub dequant;
#endif
  constexpr auto forward(auto x) const {
#ifdef WRONG
    return classifier(quant(x));
#else
    return dequant(classifier(quant(x)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
