// SPDX-License-Identifier: Apache-2.0
// A weight follows the march of the operation that takes it.
// With WRONG defined this must not compile; expect: quench[march-mixed] product NashE Bayes
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
namespace q = quench;

int main() {
  const xt::xtensor<float, 2> x{{0.5f, -1.0f}, {1.0f, 0.25f}}, w{{1, 2}, {3, 4}};
  q::eager::QuantStub<"in", q::march::NashE, q::qconfig::Int8> in;
#ifdef WRONG
  q::eager::FakeQuantizedWeight<"weight", q::march::Bayes, q::qconfig::Int8> weight;
#else
  q::eager::FakeQuantizedWeight<"weight", q::march::NashE, q::qconfig::Int8> weight;
#endif
  q::eager::FloatFunctional<"product", q::march::NashE, q::qconfig::Int8> product;
  auto y = product.matmul(in(x), weight(w));
  (void)y;
  return 0;
}
