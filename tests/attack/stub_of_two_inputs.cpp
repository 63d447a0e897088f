// SPDX-License-Identifier: Apache-2.0
// expect: quench[module-called-once] quant
// One QuantStub for two inputs of different ranges: they would share a scale.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub quant;
  q::FloatFunctional both;
  q::Linear fc{.in_features = 8, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const {
    auto a = quant(x), b = quant(y);
    return dequant(fc(both.cat(a, b)));
  }
};
static_assert(q::verified<Net>());
int main() {}
