// SPDX-License-Identifier: Apache-2.0
// Groups divide the channels evenly.
// With WRONG defined this must not compile; expect: quench[setting-out-of-range] conv0 groups 3
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
#ifdef WRONG
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .groups = 3};
#else
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .groups = 4};  // depthwise
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv0(quant(x))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
