// SPDX-License-Identifier: Apache-2.0
// A number is no tensor: the operations with a constant take it.
// With WRONG defined this must not compile; expect: quench[missing-quant-stub] more
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;
using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

int main() {
  const xt::xtensor<float, 2> x{{0.5f, -1.0f}, {1.0f, 0.25f}}, w{{1, 2}, {3, 4}};
  q::eager::QuantStub<"in", March, QConfig> in;
  q::eager::FloatFunctional<"more", March, QConfig> more;
  (void)w;
#ifdef WRONG
  auto y = more.add(in(x), 3.0f);
  (void)y;
#else
  auto y = more.add_scalar(in(x), 3.0f);
  (void)y;
#endif
  return 0;
}
