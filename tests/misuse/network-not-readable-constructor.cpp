// SPDX-License-Identifier: Apache-2.0
// A block is a plain struct: its settings are template arguments, not arguments of a constructor.
// With WRONG defined this must not compile; expect: quench[network-not-readable] ToyNet neck NotAnAggregate
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

#ifdef WRONG
struct Neck {
  q::Conv2d conv;
  constexpr Neck() : conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3} {}
  constexpr auto forward(auto x) const { return conv(x); }
};
#else
template <int Channels>
struct NeckOf {
  q::Conv2d conv{.in_channels = Channels, .out_channels = Channels, .kernel_size = 3};
  constexpr auto forward(auto x) const { return conv(x); }
};
using Neck = NeckOf<4>;
#endif

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  Neck neck;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(neck.forward(quant(x))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
