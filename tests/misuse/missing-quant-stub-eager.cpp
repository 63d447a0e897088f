// SPDX-License-Identifier: Apache-2.0
// In hand-written training code too, an operation takes tensors that a QuantStub made.
// With WRONG defined this must not compile; expect: quench[missing-quant-stub] add0
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;
using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

int main() {
  const std::vector<float> x{0.5f, -1.0f}, y{1.0f, 0.25f};
  q::eager::QuantStub<"in_x", March, QConfig> in_x;
  q::eager::QuantStub<"in_y", March, QConfig> in_y;
  q::eager::FloatFunctional<"add0", March, QConfig> add0;
#ifdef WRONG
  auto sum = add0.add(in_x(x), y);
#else
  auto sum = add0.add(in_x(x), in_y(y));
#endif
  (void)sum;
  return 0;
}
