// SPDX-License-Identifier: Apache-2.0
// Pre- and post-processing run in float and get no qconfig.
// With WRONG defined this must not compile; expect: quench[qconfig-outside-quantized-region] probabilities
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::Conv2d classifier{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  q::Softmax probabilities;  // post-processing, after the DeQuantStub
  constexpr auto forward(auto x) const { return probabilities(dequant(classifier(quant(x)))); }
};

#ifdef WRONG
using Setter = q::QConfigSetter<q::rule::ByName<"probabilities", q::qconfig::Int8>, q::rule::HighPrecisionOutput<>,
                                q::rule::Everything<q::qconfig::Int8>>;
#else
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
#endif
int main() { return q::verified_setter<ToyNet, q::march::NashE, Setter>() ? 0 : 1; }
