// SPDX-License-Identifier: Apache-2.0
// The setter of start_qat is held to the same rule, here by learned scales of the last axis of a depthwise convolution.
// With WRONG defined this must not compile; expect: quench[weight-axis-not-output-channels] depthwise axis<-1>
// Without, it must compile, run and return 0.
#include <quench/quench.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d depthwise{.in_channels = 2, .out_channels = 2, .kernel_size = 3, .groups = 2};
  q::Linear fc{.in_features = 8, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(q::flatten(depthwise(quant(x))))); }
};

#ifdef WRONG
using Learned = q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<-1>>;
#else
using Learned = q::LearnedFakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>;
#endif
struct Mine {
  using Calibration = q::qconfig::Int8::Calibration;
  using Qat = q::QConfig<q::FakeQuantize<>, Learned>;
};
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<Mine>>;

int main() {
  q::FloatModel<ToyNet> model{q::Seed{1}};
  const auto batches = q::random_batches<ToyNet>(q::Seed{2}, 1, 4);
  const auto calibrated = q::calibrate(q::prepare<q::march::NashE>(model), batches);
  auto qat = q::start_qat<Setter>(calibrated);
  qat.predict(batches[0].images);
  return 0;
}
