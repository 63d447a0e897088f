// SPDX-License-Identifier: Apache-2.0
// Two handles of one name look like one that is called twice.
// With WRONG defined this must not compile; expect: quench[functional-called-once] add0
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;
using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

int main() {
  const xt::xtensor<float, 2> x{{0.5f, -1.0f}, {1.0f, 0.25f}}, w{{1, 2}, {3, 4}};
  q::eager::QuantStub<"in", March, QConfig> in;
  q::eager::FloatFunctional<"add0", March, QConfig> first;
  auto a = in(x);
  (void)w;
#ifdef WRONG
  q::eager::FloatFunctional<"add0", March, QConfig> second;
  auto y = second.add(first.add(a, a), a);
  (void)y;
#else
  q::eager::FloatFunctional<"add1", March, QConfig> second;
  auto y = second.add(first.add(a, a), a);
  (void)y;
#endif
  return 0;
}
