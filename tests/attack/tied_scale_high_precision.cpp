// SPDX-License-Identifier: Apache-2.0
// expect: quench[tied-scale-needs-one-qconfig] left right
// int32 accumulators have the scales of their own weights, for each channel: two layers cannot share them.
#include <tuple>

#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>>;
  using Ties = q::TiedScale<"left", "right">;
  q::QuantStub quant;
  q::Linear left{.in_features = 4, .out_features = 2}, right{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto codes = quant(x);
    return std::tuple(dequant(left(codes)), dequant(right(codes)));
  }
};
using Setter = q::QConfigSetter<q::rule::ByKind<q::Linear, q::qconfig::Int8WeightHighPrecisionOutput>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, q::setter::DefaultQat>());  // it passes tied modules by
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
