// SPDX-License-Identifier: Apache-2.0
// expect: quench[missing-quant-stub] gate
// Squeeze and excitation whose gate is computed in float: the product has one float and one quantized operand.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::GlobalAvgPool2d pool;
  q::Linear fc{.in_features = 2, .out_features = 2};
  q::Sigmoid sigmoid;
  q::FloatFunctional gate;
  q::DeQuantStub middle, dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    return dequant(gate.mul(y, sigmoid(middle(fc(pool(y))))));
  }
};
static_assert(q::verified<Net>());
int main() {}
