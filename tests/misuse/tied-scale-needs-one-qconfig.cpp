// SPDX-License-Identifier: Apache-2.0
// Modules with one scale have one qconfig: a rule that names one of them names the other too.
// With WRONG defined this must not compile; expect: quench[tied-scale-needs-one-qconfig] quant_state state
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
#include <quench/qconfig/setter.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Ties = q::TiedScale<"quant_state", "state">;
  q::QuantStub quant, quant_state;
  q::FloatFunctional state;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto h) const { return dequant(state.add(quant(x), quant_state(h))); }
};

using Setter = q::QConfigSetter<q::rule::ByName<"state", q::qconfig::Int8WeightInt16Activation>,
#ifndef WRONG
                                q::rule::ByName<"quant_state", q::qconfig::Int8WeightInt16Activation>,
#endif
                                q::rule::Everything<q::qconfig::Int8>>;
int main() { return q::verified_setter<ToyNet, q::march::NashE, Setter>() ? 0 : 1; }
