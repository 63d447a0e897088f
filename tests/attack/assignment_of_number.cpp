// SPDX-License-Identifier: Apache-2.0
// expect: quench[operator-has-no-scale] add_scalar 15
// expect: quench[operator-has-no-scale] mul_scalar 16
// A number is added by an assignment, and a tensor is a divisor, as in PyTorch. Neither result has a scale.
#include <quench/network.hpp>
namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = conv(quant(image));
    x += 1.5f;
    return dequant(1.0f / x);
  }
};
static_assert(q::verified<Net>());
int main() {}
