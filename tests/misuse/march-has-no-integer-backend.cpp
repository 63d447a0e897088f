// SPDX-License-Identifier: Apache-2.0
// Only the Nash marches have an integer backend here.
// With WRONG defined this must not compile; expect: quench[march-has-no-integer-backend] Bayes
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

#ifdef WRONG
using March = q::march::Bayes;
#else
using March = q::march::NashP;
#endif
int main() {
  q::FloatModel<ToyNet> model{q::Seed{1}};
  const auto batches = q::random_batches<ToyNet>(q::Seed{2}, 4, 8);
  auto quantized = q::convert(q::calibrate(q::prepare<March>(model), batches));
  return 0;
}
