// SPDX-License-Identifier: Apache-2.0
// What a function returns as an array of floats has been dequantized.
// With WRONG defined this must not compile; expect: quench[missing-dequant-stub] add0
// Without, it must compile, run and return 0.
#include <quench/eager.hpp>

#include <vector>

namespace q = quench;

using March = q::march::NashE;
using QConfig = q::qconfig::Int8;

struct ToyNet {
  q::eager::QuantStub<"in", March, QConfig> in;
  q::eager::FloatFunctional<"add0", March, QConfig> add0;
  q::eager::DeQuantStub out;
  std::vector<float> forward(const std::vector<float>& x) {
    auto a = in(x);
#ifdef WRONG
    return add0.add(a, a);
#else
    return out(add0.add(a, a));
#endif
  }
};

int main() {
  ToyNet net;
  (void)net.forward({0.5f, -1.0f});
  return 0;
}
