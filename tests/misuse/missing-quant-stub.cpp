// SPDX-License-Identifier: Apache-2.0
// A quantized operator takes quantized tensors: the input passes a QuantStub first.
// With WRONG defined this must not compile; expect: quench[missing-quant-stub] skip
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>, q::Features<8, 8, 4>>;
  q::QuantStub quant;
#ifndef WRONG
  q::QuantStub quant_side;
#endif
  q::FloatFunctional skip;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto side) const {
#ifdef WRONG
    return dequant(skip.add(quant(x), side));
#else
    return dequant(skip.add(quant(x), quant_side(side)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
