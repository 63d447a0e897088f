// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// A Tanh squeezes a studio-range image into [-1, 1]. The range of its codes is still that of studios.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredYuv444Studio, 8, 8>>;
  q::Tanh squeeze;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(squeeze(x)))); }
};
static_assert(q::verified<Net>());
int main() {}
