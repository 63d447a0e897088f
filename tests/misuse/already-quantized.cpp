// SPDX-License-Identifier: Apache-2.0
// A QuantStub takes float tensors; between the stubs everything is quantized already.
// With WRONG defined this must not compile; expect: quench[already-quantized] quant_again
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
#ifdef WRONG
  q::QuantStub quant_again;
#endif
  q::Conv2d conv1{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = conv0(quant(x));
#ifdef WRONG
    y = quant_again(y);
#endif
    return dequant(conv1(y));
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
