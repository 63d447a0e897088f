// SPDX-License-Identifier: Apache-2.0
// A FloatFunctional keeps one set of quantization parameters, so forward() calls it once.
// With WRONG defined this must not compile; expect: quench[functional-called-once] add0
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>, q::Features<8, 8, 4>, q::Features<8, 8, 4>>;
  q::QuantStub quant_x, quant_y, quant_z;
  q::FloatFunctional add0;
#ifndef WRONG
  q::FloatFunctional add1;
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y, auto z) const {
#ifdef WRONG
    // region mistake
    auto out = add0.add(quant_x(x), quant_y(y));
    return dequant(add0.add(out, quant_z(z)));
    // end region
#else
    return dequant(add1.add(add0.add(quant_x(x), quant_y(y)), quant_z(z)));
#endif
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
