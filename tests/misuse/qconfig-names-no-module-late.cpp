// SPDX-License-Identifier: Apache-2.0
// The first rule that speaks of a module decides: a name after Everything never gets its qconfig.
// With WRONG defined this must not compile; expect: quench[qconfig-names-no-module] conv0 an_earlier_rule_decides
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>
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
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>,
                                q::rule::ByName<"conv0", q::qconfig::Int8WeightInt16Activation>>;
#else
using Setter = q::QConfigSetter<q::rule::ByName<"conv0", q::qconfig::Int8WeightInt16Activation>,
                                q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
#endif
int main() { return q::verified_setter<ToyNet, q::march::NashE, Setter>() ? 0 : 1; }
