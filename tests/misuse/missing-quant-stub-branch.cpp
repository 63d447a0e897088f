// SPDX-License-Identifier: Apache-2.0
// A branch that reaches a DeQuantStub in float was never quantized; the QuantStub is missing before its first layer.
// With WRONG defined this must not compile; expect: quench[missing-quant-stub] heads.1.conv
// Without, it must compile, run and return 0.
#include <array>
#include <quench/network.hpp>
namespace q = quench;

struct Head {
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::Conv2d classifier{.in_channels = 4, .out_channels = 2, .kernel_size = 1};
  q::ReLU relu;
  constexpr auto forward(auto x) const { return classifier(relu(conv(x))); }
};

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  std::array<Head, 2> heads;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
#ifdef WRONG
    return std::tuple(dequant(heads[0].forward(y)), dequant(heads[1].forward(x)));
#else
    return std::tuple(dequant(heads[0].forward(y)), dequant(heads[1].forward(y)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
