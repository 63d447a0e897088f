// SPDX-License-Identifier: Apache-2.0
// A pre-activation block begins with its norm. A depthwise 1x1 conv before it takes the norm up.
// With WRONG defined this must not compile; expect: quench[batch-norm-not-foldable] bn
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
#ifndef WRONG
  q::Conv2d before{.in_channels = 4, .out_channels = 4, .kernel_size = 1, .groups = 4, .bias = false};
#endif
  q::BatchNorm2d bn{.channels = 4};
  q::ReLU relu;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
#ifdef WRONG
    auto y = bn(x);
#else
    auto y = bn(before(x));
#endif
    return dequant(add.add(x, conv(relu(y))));
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
