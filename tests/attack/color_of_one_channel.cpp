// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// The green channel alone, taken for gray, comes from an RGB image whose 128 was never subtracted.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 1, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(q::slice(x, 2, 1, 2)))); }
};
static_assert(q::verified<Net>());
int main() {}
