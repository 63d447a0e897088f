// SPDX-License-Identifier: Apache-2.0
// A recurrent state enters by a QuantStub. It leaves from the module that computes it, not from the ReLU after it.
// With WRONG defined this must not compile; expect: quench[tied-scale-does-not-match] relu quant_state no_scale_of_its_own
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
#ifdef WRONG
  using Ties = q::TiedScale<"quant_state", "relu">;
#else
  using Ties = q::TiedScale<"quant_state", "state">;
#endif
  q::QuantStub quant, quant_state;
  q::FloatFunctional state;
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto h) const { return dequant(relu(state.add(quant(x), quant_state(h)))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
