// SPDX-License-Identifier: Apache-2.0
// A layer that owns an output scale is called once; stateless operators may be called again.
// With WRONG defined this must not compile; expect: quench[module-called-once] conv0
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
#ifndef WRONG
  q::Conv2d conv1{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
#endif
  q::MaxPool2d pool{.kernel_size = 2};  // owns nothing: may be called twice
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = pool(conv0(quant(x)));
#ifdef WRONG
    return dequant(pool(conv0(y)));
#else
    return dequant(pool(conv1(y)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
