// SPDX-License-Identifier: Apache-2.0
// expect: quench[rule-without-effect] Conv2d
// The names of both convs are decided first. So the rule for all convs decides nothing: the author thinks that they
// are int16.
#include <quench/quench.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 1, .out_channels = 4, .kernel_size = 3};
  q::ReLU relu;
  q::Conv2d b{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::GlobalAvgPool2d pool;
  q::Linear fc{.in_features = 4, .out_features = 3};
  q::DeQuantStub dequant;
  q::Softmax softmax;
  constexpr auto forward(auto x) const { return softmax(dequant(fc(q::flatten(pool(relu(b(relu(a(quant(x)))))))))); }
};
using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"a", q::qconfig::Int8>,
                                q::rule::ByName<"b", q::qconfig::LearnedInt8>, q::rule::ByKind<q::Conv2d, Int16>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
