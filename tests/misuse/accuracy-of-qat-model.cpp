// SPDX-License-Identifier: Apache-2.0
// Accuracy is reported from the quantized model; the QAT model is only watched.
// With WRONG defined this must not compile; expect: quench[accuracy-of-qat-model] QatModel
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
  constexpr auto forward(auto x) const { return q::flatten(dequant(classifier(relu0(conv0(quant(x)))))); }
};

int main() {
  q::FloatModel<ToyNet> model{q::Seed{1}};
  const auto batches = q::random_batches<ToyNet>(q::Seed{2}, 4, 8);  // 4 batches of 8 inputs, for tests and examples
  auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  auto qat = q::start_qat(std::move(calibrated));
  const auto labelled = q::random_labelled_batches<ToyNet>(q::Seed{3}, 2, 8);
#ifdef WRONG
  auto accuracy = q::evaluate(qat, labelled);
#else
  auto watched = q::monitor(qat, labelled);
  auto accuracy = q::evaluate(q::convert(qat), labelled);
#endif
  return 0;
}
