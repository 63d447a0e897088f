// SPDX-License-Identifier: Apache-2.0
// Two mistakes that look the same to the last letter are one error.
// With WRONG defined this must not compile; expect: quench[module-not-a-member] Linear
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
#ifndef WRONG
  q::Linear first{.in_features = 4, .out_features = 4};
  q::Linear second{.in_features = 4, .out_features = 4};
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
#ifdef WRONG
    constexpr q::Linear layer{.in_features = 4, .out_features = 4};
    return dequant(layer(layer(quant(x))));
#else
    return dequant(second(first(quant(x))));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
