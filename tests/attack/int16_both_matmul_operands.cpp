// SPDX-License-Identifier: Apache-2.0
// expect: quench[int16-not-supported] mix
// NashE takes one int16 operand of a matmul. Here both are int16, one of them through a permute.
#include <quench/quench.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4, 8>>;
  q::QuantStub quant;
  q::Linear query{.in_features = 8, .out_features = 8}, value{.in_features = 8, .out_features = 8};
  q::FloatFunctional mix;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto tokens = quant(x);
    return dequant(mix.matmul(query(tokens), q::permute(value(tokens), {1, 0})));
  }
};
using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByKind<q::Linear, Int16>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
