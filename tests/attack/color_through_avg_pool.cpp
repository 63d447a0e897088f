// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// An RGB image is halved by an average pool in float before the QuantStub. Smaller RGB is still RGB.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>>;
  q::AvgPool2d half{.kernel_size = 2};
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(half(x)))); }
};
static_assert(q::verified<Net>());
int main() {}
