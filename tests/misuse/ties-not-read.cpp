// SPDX-License-Identifier: Apache-2.0
// Ties are listed as `Ties`, in the network or in the block that has the modules.
// With WRONG defined this must not compile; expect: quench[ties-not-read] siamese
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct Siamese {
#ifdef WRONG
  using Tie = q::Ties<q::Tie<"left", "right">>;
#else
  using Ties = q::Ties<q::Tie<"left", "right">>;
#endif
  q::Conv2d left{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::Conv2d right{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::FloatFunctional add;
  constexpr auto forward(auto a, auto b) const { return add.add(left(a), right(b)); }
};

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>, q::Features<8, 8, 4>>;
  q::QuantStub quant_a, quant_b;
  Siamese siamese;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, auto b) const { return dequant(siamese.forward(quant_a(a), quant_b(b))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
