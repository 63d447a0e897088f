// SPDX-License-Identifier: Apache-2.0
// A DeQuantStub ends a quantized region, so one begins before it.
// With WRONG defined this must not compile; expect: quench[missing-quant-stub] DeQuantStub
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;
using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

int main() {
  const xt::xtensor<float, 2> x{{0.5f, -1.0f}, {1.0f, 0.25f}}, w{{1, 2}, {3, 4}};
  q::eager::QuantStub<"in", March, QConfig> in;
  q::eager::DeQuantStub out;
  (void)w;
#ifdef WRONG
  auto y = out(x);
  (void)y;
  (void)in;
#else
  auto y = out(in(x));
  (void)y;
#endif
  return 0;
}
