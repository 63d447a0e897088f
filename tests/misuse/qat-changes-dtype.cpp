// SPDX-License-Identifier: Apache-2.0
// The scale of an activation was found for int8; training cannot go on with int16.
// With WRONG defined this must not compile; expect: quench[qat-changes-dtype] conv0
// Without, it must compile, run and return 0.
#include <quench/quench.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::ReLU relu0;
  q::Conv2d classifier{.in_channels = 4, .out_channels = 4, .kernel_size = 3, .padding = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(classifier(relu0(conv0(quant(x))))); }
};

#ifdef WRONG
using Qat = q::QConfigSetter<q::rule::ByName<"conv0", q::qconfig::Int8WeightInt16Activation>,
                             q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
#else
using Qat = q::QConfigSetter<q::rule::ByName<"conv0", q::qconfig::LearnedInt8>, q::rule::HighPrecisionOutput<>,
                             q::rule::Everything<q::qconfig::Int8>>;
#endif
int main() {
  q::FloatModel<ToyNet> model{q::Seed{1}};
  const auto batches = q::random_batches<ToyNet>(q::Seed{2}, 4, 8);
  auto qat = q::start_qat<Qat>(q::calibrate(q::prepare<q::march::NashE>(model), batches));
  return 0;
}
