// SPDX-License-Identifier: Apache-2.0
// g++ leaves the wrong statement out and goes on, and what is left it cannot run.
// errors: g++ 2, clang 1
// of quench: g++ 1, clang 0
#include <quench/network.hpp>
namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::FloatFunctional skip;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
#ifdef WRONG
    x = skip.add(x, conv9(x));
    return dequant(x);
#else
    x = skip.add(x, conv0(x));
    return dequant(x);
#endif
  }
};
int main() { return q::verified<Net, q::march::NashE>() ? 0 : 1; }
