// SPDX-License-Identifier: Apache-2.0
// A weight has a scale of its own too: an operation takes it fake-quantized.
// With WRONG defined this must not compile; expect: quench[missing-quant-stub] product
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;
using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

int main() {
  const xt::xtensor<float, 2> x{{0.5f, -1.0f}, {1.0f, 0.25f}}, w{{1, 2}, {3, 4}};
  q::eager::QuantStub<"in", March, QConfig> in;
  q::eager::FakeQuantizedWeight<"weight", March, QConfig> weight;
  q::eager::FloatFunctional<"product", March, QConfig> product;
  (void)weight;
#ifdef WRONG
  auto y = product.matmul(in(x), w);
  (void)y;
#else
  auto y = product.matmul(in(x), weight(w));
  (void)y;
#endif
  return 0;
}
