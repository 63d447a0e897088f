// SPDX-License-Identifier: Apache-2.0
// A loss is computed in float.
// With WRONG defined this must not compile; expect: quench[missing-dequant-stub] product
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
  const std::vector<int> labels{0, 1};
  auto y = product.matmul(in(x), weight(w));
#ifdef WRONG
  auto loss = q::cross_entropy(y, labels);
  (void)loss;
#else
  q::eager::DeQuantStub out;
  auto loss = q::cross_entropy(out(y), labels);
  (void)loss;
#endif
  return 0;
}
