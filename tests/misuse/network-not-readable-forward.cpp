// SPDX-License-Identifier: Apache-2.0
// forward() takes one tensor for each of Inputs.
// With WRONG defined this must not compile; expect: quench[network-not-readable] ToyNet ForwardDoesNotTakeTheInputs
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
#ifdef WRONG
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
#else
  using Inputs = q::Inputs<q::Features<8, 8, 4>, q::Features<8, 8, 4>>;
#endif
  q::QuantStub quant_x, quant_y;
  q::FloatFunctional add0;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(add0.add(quant_x(x), quant_y(y))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
