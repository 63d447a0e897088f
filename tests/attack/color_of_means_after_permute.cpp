// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-not-centered-yuv444] quant
// The channels come first, so the last axis is the width. The mean of each row is still red, green or blue.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::Rgb, 8, 8>>;
  q::QuantStub quant;
  q::FloatFunctional rows;
  q::Linear linear{.in_features = 8, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(linear(quant(rows.mean(q::permute(x, {2, 0, 1}), -1)))); }
};
static_assert(q::verified<Net>());
int main() {}
