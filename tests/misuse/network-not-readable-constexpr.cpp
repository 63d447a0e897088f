// SPDX-License-Identifier: Apache-2.0
// The compiler runs forward(), so forward() is constexpr.
// With WRONG defined this must not compile; expect: quench[network-not-readable] ToyNet ForwardIsNotConstexpr
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::ReLU relu;
  q::DeQuantStub dequant;
#ifdef WRONG
  auto forward(auto x) const { return dequant(relu(quant(x))); }
#else
  constexpr auto forward(auto x) const { return dequant(relu(quant(x))); }
#endif
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
