// SPDX-License-Identifier: Apache-2.0
// The scales of a weight belong to its output channels. On a square layer no count of scales tells another axis.
// With WRONG defined this must not compile; expect: quench[weight-axis-not-output-channels] fc axis<1>
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear fc{.in_features = 4, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(fc(quant(x))); }
};

#ifdef WRONG
using Weight = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<1>>;
#else
using Weight = q::FakeQuantize<q::MinMaxObserver, q::QInt8, q::PerChannel<0>>;
#endif
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<q::QConfig<q::NoFakeQuantize<>, Weight>>,
                                q::rule::Everything<q::QConfig<q::FakeQuantize<>, Weight>>>;
int main() { return q::verified_setter<ToyNet, q::march::NashE, Setter>() ? 0 : 1; }
