// SPDX-License-Identifier: Apache-2.0
// A rule after Everything decides nothing.
// With WRONG defined this must not compile; expect: quench[rule-without-effect] Conv2d an_earlier_rule_decides
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d conv0{.in_channels = 1, .out_channels = 4, .kernel_size = 3},
      conv1{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::ReLU relu;
  q::DeQuantStub dequant;
  q::Softmax probabilities;
  constexpr auto forward(auto x) const { return probabilities(dequant(conv1(relu(conv0(quant(x)))))); }
};

#ifdef WRONG
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>,
                                q::rule::ByKind<q::Conv2d, q::qconfig::Int8WeightInt16Activation>>;
#else
using Setter =
    q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByKind<q::Conv2d, q::qconfig::Int8WeightInt16Activation>,
                     q::rule::Everything<q::qconfig::Int8>>;
#endif
int main() { return q::verified_setter<ToyNet, q::march::NashE, Setter>() ? 0 : 1; }
