// SPDX-License-Identifier: Apache-2.0
// Modules that share weights have weights of one shape.
// With WRONG defined this must not compile; expect: quench[tie-does-not-match] left.conv right.conv
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
#include <tuple>
namespace q = quench;

template <int KernelSize>
struct Branch {
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 4, .kernel_size = KernelSize};
  constexpr auto forward(auto x) const { return conv(quant(x)); }
};

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>, q::Features<8, 8, 4>>;
  using Ties = q::Ties<q::Tie<"left.conv", "right.conv">>;
  Branch<3> left;
#ifdef WRONG
  Branch<5> right;
#else
  Branch<3> right;
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const {
    return std::tuple(dequant(left.forward(a)), dequant(right.forward(b)));
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
