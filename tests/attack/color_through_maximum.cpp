// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// Uncentred YUV, masked by an element-wise maximum, reaches the QuantStub uncentred.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Yuv444, 8, 8>, q::Features<8, 8, 3>>;
  q::FloatFunctional mask;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto given) const { return dequant(conv(quant(mask.maximum(given, x)))); }
};
static_assert(q::verified<Net>());
int main() {}
