// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// Caffe's recipe: BGR minus the mean of each channel, which is a second input. The difference is still BGR.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Bgr, 8, 8>, q::Features<1, 1, 3>>;
  q::FloatFunctional minus;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto mean) const { return dequant(conv(quant(minus.sub(x, mean)))); }
};
static_assert(q::verified<Net>());
int main() {}
