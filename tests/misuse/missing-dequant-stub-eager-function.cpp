// SPDX-License-Identifier: Apache-2.0
// A fake-quantizer, an observer and the like take float arrays.
// With WRONG defined this must not compile; expect: quench[missing-dequant-stub] in
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;
using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

int main() {
  const xt::xtensor<float, 2> x{{0.5f, -1.0f}, {1.0f, 0.25f}}, w{{1, 2}, {3, 4}};
  q::eager::QuantStub<"in", March, QConfig> in;
  q::FakeQuantize<> quantizer;
  (void)w;
#ifdef WRONG
  auto y = quantizer.observe_and_quantize(in(x));
  (void)y;
#else
  auto y = quantizer.observe_and_quantize(in(x).values());
  (void)y;
#endif
  return 0;
}
