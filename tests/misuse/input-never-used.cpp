// SPDX-License-Identifier: Apache-2.0
// An input that forward does not use is forgotten: here a tensor is added to itself.
// With WRONG defined this must not compile; expect: quench[input-never-used] 1
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>, q::Features<8, 8, 4>>;
  q::QuantStub quant_a, quant_b;
  q::FloatFunctional add;
  q::DeQuantStub dequant;
  constexpr auto forward(auto a, [[maybe_unused]] auto b) const {
#ifdef WRONG
    return dequant(add.add(quant_a(a), quant_b(a)));
#else
    return dequant(add.add(quant_a(a), quant_b(b)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
