// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// A cat with coordinates in front of the QuantStub hides that three of the channels are RGB.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>, q::Features<8, 8, 2>>;
  q::FloatFunctional join;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 5, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto coordinates) const { return dequant(conv(quant(join.cat(x, coordinates)))); }
};
static_assert(q::verified<Net>());
int main() {}
