// SPDX-License-Identifier: Apache-2.0
// A loop that calls one handle again on its own result. The handles of an array have a name that begins with a dot.
// With WRONG defined this must not compile; expect: quench[functional-called-once] add
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
namespace q = quench;
using March = q::march::NashE;
using Q = q::qconfig::Int8;

int main() {
  q::eager::QuantStub<"in", March, Q> in;
  auto x = in(std::vector<float>{1, 2, 3});
#ifdef WRONG
  q::eager::FloatFunctional<"add", March, Q> add;
  for (int i = 0; i < 3; ++i) x = add.add(x, x);
#else
  q::eager::FloatFunctional<".add", March, Q> adds[3];
  for (auto& add : adds) x = add.add(x, x);
#endif
  return x.values().size() == 3 ? 0 : 1;
}
