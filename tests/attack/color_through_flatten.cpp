// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// The first lesson of MNIST: a gray image of 0 to 255 is flattened for a linear layer. Nobody has subtracted 128.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Gray, 8, 8>>;
  q::QuantStub quant;
  q::Linear fc{.in_features = 64, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(quant(q::flatten(x)))); }
};
static_assert(q::verified<Net>());
int main() {}
