// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// A BGR image gets a border before the QuantStub. It is still BGR.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Bgr, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 3, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(conv(quant(q::pad(x, {{1, 1}, {1, 1}, {0, 0}})))); }
};
static_assert(q::verified<Net>());
int main() {}
