// SPDX-License-Identifier: Apache-2.0
// An operator with a learnt output scale cannot be added after training.
// With WRONG defined this must not compile; expect: quench[operator-needs-statistics] Cat
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
  const auto batches = q::random_batches<ToyNet>(q::Seed{2}, 4, 8);  // 4 batches of 8 inputs, for tests and examples
  auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  auto quantized = q::convert(calibrated);
#ifdef WRONG
  auto longer = q::append<q::Cat>(quantized);
#else
  auto longer = q::append<q::ArgMax>(quantized);
#endif
  return 0;
}
