// SPDX-License-Identifier: Apache-2.0
// The march decides the arithmetic, so prepare() must be told it.
// With WRONG defined this must not compile; expect: quench[march-not-given]
// Without, it must compile, run and return 0.
#include <quench/quench.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;  // H, W, C
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::ReLU relu0;
  q::Conv2d classifier{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(classifier(relu0(conv0(quant(x))))); }
};

int main() {
  q::FloatModel<ToyNet> model{q::Seed{1}};
#ifdef WRONG
  auto prepared = q::prepare(model);
#else
  auto prepared = q::prepare<q::march::NashE>(model);
#endif
  return 0;
}
