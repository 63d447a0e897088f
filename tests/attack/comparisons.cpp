// SPDX-License-Identifier: Apache-2.0
// expect: quench[tensor-has-no-values] quant 21
// expect: quench[tensor-has-no-values] mask 22
// expect: quench[tensor-has-no-values] conv 22
// expect: quench[tensor-has-no-values] quant 23
// Masks and conditions as in PyTorch: a comparison with a number on either side, of two tensors, and as an operand.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::ReLU relu;
  q::FloatFunctional mask;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    auto y = conv(x);
    auto z = mask.mul(y, 0 < x);
    z = z == 1.5f || y >= z ? relu(z) : z;
    if (!(x != z)) return dequant(x);
    return dequant(z);
  }
};
static_assert(q::verified<Net>());
int main() {}
