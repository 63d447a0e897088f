// SPDX-License-Identifier: Apache-2.0
// A tensor between layers has one scale, whatever its channels.
// With WRONG defined this must not compile; expect: quench[activation-per-channel] quant axis<-1>
// Without, it must compile, run and return 0.
#include <quench/quench.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear fc0{.in_features = 4, .out_features = 4};
  q::Linear fc1{.in_features = 4, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc1(fc0(quant(x)))); }
};

#ifdef WRONG
using Activation = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<-1>>;
#else
using Activation = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerTensor>;
#endif
using Weight = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::QConfig<Activation, Weight>>>;

int main() {
  q::FloatModel<ToyNet> model{q::Seed{1}};
  auto prepared = q::prepare<q::march::NashE, Setter>(model);
  prepared.observe(q::random_batches<ToyNet>(q::Seed{2}, 1, 4)[0].images);
  return 0;
}
