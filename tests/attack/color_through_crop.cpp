// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// The middle of an RGB image, cut out by two slices, is still RGB.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(q::slice(q::slice(x, 0, 1, 7), 1, 1, 7)))); }
};
static_assert(q::verified<Net>());
int main() {}
