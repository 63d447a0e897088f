// SPDX-License-Identifier: Apache-2.0
// expect: quench[missing-quant-stub] sum
// expect: quench[functional-called-once] product
// The same wrong calls stand twice, as in two branches: each mistake is one error, also of clang.
#include <quench/eager.hpp>

namespace q = quench;
using March = q::march::NashE;
using Q = q::qconfig::Int8;

int main() {
  q::eager::QuantStub<"in", March, Q> in;
  q::eager::FloatFunctional<"sum", March, Q> sum;
  q::eager::FloatFunctional<"product", March, Q> product;
  const std::vector<float> x{1, 2, 3};
  const auto a = sum.add(x, x);
  const auto b = sum.add(x, x);
  const auto y = in(x);
  const auto c = product.mul(product.mul(y, y), y);
  const auto d = product.mul(product.mul(y, y), y);
  return a.values().size() + b.values().size() + c.values().size() + d.values().size() == 12 ? 0 : 1;
}
