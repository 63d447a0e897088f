// SPDX-License-Identifier: Apache-2.0
// The compiler makes the network, so the settings of its layers are constants.
// With WRONG defined this must not compile; expect: quench[network-not-readable] ToyNet DefaultIsNotConstexpr
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

#ifdef WRONG
inline int width() { return 4; }
#else
constexpr int width() { return 4; }
#endif

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = width(), .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv0(quant(x))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
