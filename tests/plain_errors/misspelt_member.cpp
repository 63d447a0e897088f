// SPDX-License-Identifier: Apache-2.0
// A misspelt member, where a tensor is declared.
// errors: g++ 1, clang 1
// of quench: g++ 0, clang 0
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
    auto y = conv9(x);
    return dequant(skip.add(x, y));
#else
    auto y = conv0(x);
    return dequant(skip.add(x, y));
#endif
  }
};
int main() { return q::verified<Net, q::march::NashE>() ? 0 : 1; }
