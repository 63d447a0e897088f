// SPDX-License-Identifier: Apache-2.0
// In hand-written training code too, one FloatFunctional is one call.
// With WRONG defined this must not compile; expect: quench[functional-called-once] add0
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>
#include <vector>
namespace q = quench;
using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

struct ToyNet {
  q::eager::QuantStub<"x", March, QConfig> in_x;
  q::eager::QuantStub<"y", March, QConfig> in_y;
  q::eager::QuantStub<"z", March, QConfig> in_z;
  q::eager::FloatFunctional<"add0", March, QConfig> add0;
  q::eager::FloatFunctional<"add1", March, QConfig> add1;
  auto forward(const std::vector<float>& x, const std::vector<float>& y, const std::vector<float>& z) {
    auto out = add0.add(in_x(x), in_y(y));
#ifdef WRONG
    return add0.add(out, in_z(z));
#else
    return add1.add(out, in_z(z));
#endif
  }
};

int main() {
  ToyNet net;
  const std::vector<float> x{0.5f, -1.0f}, y{1.0f, 0.25f}, z{2.0f, 3.0f};
  for (int batch = 0; batch < 3; ++batch) (void)net.forward(x, y, z);
  return 0;
}
