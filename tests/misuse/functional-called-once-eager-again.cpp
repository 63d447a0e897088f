// SPDX-License-Identifier: Apache-2.0
// A handle called on its own result, which is both operands: the mistake is in the calls of each, and one error.
// With WRONG defined this must not compile; expect: quench[functional-called-once] f
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
namespace q = quench;
using March = q::march::NashE;
using Q = q::qconfig::Int8;

int main() {
  q::eager::QuantStub<"in", March, Q> in;
  q::eager::FloatFunctional<"f", March, Q> f;
#ifndef WRONG
  q::eager::FloatFunctional<"g", March, Q> g;
#endif
  const auto x = in(std::vector<float>{1, 2, 3});
  const auto t = f.add(x, x);
#ifdef WRONG
  const auto y = f.mul(t, t);
#else
  const auto y = g.mul(t, t);
#endif
  return y.values().size() == 3 ? 0 : 1;
}
