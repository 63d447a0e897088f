// SPDX-License-Identifier: Apache-2.0
// Values prepared for two marches follow two arithmetics; one operation takes one of them.
// With WRONG defined this must not compile; expect: quench[march-mixed] sum NashE Bayes
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;

int main() {
  const std::vector<float> a{0.5f, -1.0f, 2.0f}, b{1.0f, 0.25f, -0.5f};
  q::eager::QuantStub<"left", q::march::NashE, q::qconfig::Int8> left;
#ifdef WRONG
  q::eager::QuantStub<"right", q::march::Bayes, q::qconfig::Int8> right;
#else
  q::eager::QuantStub<"right", q::march::NashE, q::qconfig::Int8> right;
#endif
  q::eager::FloatFunctional<"sum", q::march::NashE, q::qconfig::Int8> sum;
  auto y = sum.add(left(a), right(b));
  (void)y;
  return 0;
}
