// SPDX-License-Identifier: Apache-2.0
// Each march has its own list of operators.
// With WRONG defined this must not compile; expect: quench[operator-not-supported-by-march] gelu0 Bernoulli2
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::GELU gelu0;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(gelu0(quant(x))); }
};
#ifdef WRONG
using March = q::march::Bernoulli2;
#else
using March = q::march::NashE;
#endif
int main() { return q::verified<ToyNet, March>() ? 0 : 1; }
