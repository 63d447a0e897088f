// SPDX-License-Identifier: Apache-2.0
// A ReLU works at the scale of the layer before it, so that layer takes the qconfig.
// With WRONG defined this must not compile; expect: quench[qconfig-names-no-module] relu0 scale_belongs_to conv0
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
using Setter = q::QConfigSetter<q::rule::ByName<"relu0", q::qconfig::Int8WeightInt16Activation>,
                                q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
#else
using Setter = q::QConfigSetter<q::rule::ByName<"conv0", q::qconfig::Int8WeightInt16Activation>,
                                q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
#endif
int main() { return q::verified_setter<ToyNet, q::march::NashE, Setter>() ? 0 : 1; }
