// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// An uncentred YUV image is enlarged before the QuantStub.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Yuv444, 4, 4>>;
  q::Upsample twice{.scale_factor = 2, .mode = q::InterpolationMode::Bilinear};
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(twice(x)))); }
};
static_assert(q::verified<Net>());
int main() {}
