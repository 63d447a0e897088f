// SPDX-License-Identifier: Apache-2.0
// Tensors are channels-last, and cat joins channels; an axis of PyTorch has no place.
// With WRONG defined this must not compile; expect: quench[cat-takes-no-axis] join 17
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::FloatFunctional join;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
#ifdef WRONG
    return dequant(join.cat(x, conv(x), 1));
#else
    return dequant(join.cat(x, conv(x)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
