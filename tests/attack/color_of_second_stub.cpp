// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant.1
// Two cameras with stubs in an array: the first image is centred YUV444, the second is RGB.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444, 8, 8>, q::Image<q::color::Rgb, 8, 8>>;
  q::QuantStub quant[2];
  q::FloatFunctional join;
  q::Conv2d conv{.in_channels = 6, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(conv(join.cat(quant[0](x), quant[1](y)))); }
};
static_assert(q::verified<Net>());
int main() {}
