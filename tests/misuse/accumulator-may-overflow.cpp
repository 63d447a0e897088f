// SPDX-License-Identifier: Apache-2.0
// Depth x 2^14 must stay below 2^31, or the int32 accumulator can wrap.
// With WRONG defined this must not compile; expect: quench[accumulator-may-overflow] head
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
#ifdef WRONG
  using Inputs = q::Inputs<q::Features<1, 1, 131072>>;
  q::Linear head{.in_features = 131072, .out_features = 2};
#else
  using Inputs = q::Inputs<q::Features<1, 1, 131071>>;
  q::Linear head{.in_features = 131071, .out_features = 2};
#endif
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(head(q::flatten(quant(x)))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
