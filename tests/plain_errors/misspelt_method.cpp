// SPDX-License-Identifier: Apache-2.0
// A misspelt operation. g++ leaves the wrong statements out and goes on with a forward that returns nothing.
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
    auto y = skip.addd(x, conv0(x));
    return dequant(y);
#else
    auto y = skip.add(x, conv0(x));
    return dequant(y);
#endif
  }
};
int main() { return q::verified<Net, q::march::NashE>() ? 0 : 1; }
