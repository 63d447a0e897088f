// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// A batch norm in an outer block normalises RGB before the QuantStub. What it gives is RGB of another range.
#include <quench/network.hpp>

namespace q = quench;

struct Normalize {
  q::BatchNorm2d bn{.channels = 3};
  constexpr auto forward(auto x) const { return bn(x); }
};

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>>;
  Normalize normalize;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(normalize.forward(x)))); }
};
static_assert(q::verified<Net>());
int main() {}
