// SPDX-License-Identifier: Apache-2.0
// A module that forward() never calls is a typing mistake.
// With WRONG defined this must not compile; expect: quench[module-never-called] relu0
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::ReLU relu0;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
#ifdef WRONG
    return dequant(conv0(quant(x)));
#else
    return dequant(relu0(conv0(quant(x))));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
