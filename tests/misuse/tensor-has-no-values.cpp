// SPDX-License-Identifier: Apache-2.0
// The compiler runs forward() without data, so no condition can depend on a tensor.
// With WRONG defined this must not compile; expect: quench[tensor-has-no-values] conv0 18
// Without, it must compile, run and return 0.
#include <quench/network.hpp>

namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = conv0(quant(x));
#ifdef WRONG
    if (y > 0) y = relu(y);
#else
    y = relu(y);
#endif
    return dequant(y);
  }
};

int main() { return q::verified<ToyNet>() ? 0 : 1; }
