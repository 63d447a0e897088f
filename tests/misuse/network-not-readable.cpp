// SPDX-License-Identifier: Apache-2.0
// Members are read from plain structs; what several blocks have in common is a member of each, not a base class.
// With WRONG defined this must not compile; expect: quench[network-not-readable] ToyNet neck HasBaseClass
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct Stem {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  constexpr auto forward(auto x) const { return conv(x); }
};

#ifdef WRONG
struct Neck : Stem {
  q::ReLU relu;
  constexpr auto forward(auto x) const { return relu(conv(x)); }
};
#else
struct Neck {
  Stem stem;
  q::ReLU relu;
  constexpr auto forward(auto x) const { return relu(stem.forward(x)); }
};
#endif

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  Neck neck;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(neck.forward(quant(x))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
