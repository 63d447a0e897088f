// SPDX-License-Identifier: Apache-2.0
// The result of a layer is used, or the layer is deleted: here the skip connection forgets it.
// With WRONG defined this must not compile; expect: quench[result-never-used] conv1 17
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::Conv2d conv1{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::FloatFunctional skip;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = conv0(quant(image));
    [[maybe_unused]] auto y = conv1(x);
#ifdef WRONG
    return dequant(skip.add(x, x));
#else
    return dequant(skip.add(x, y));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
