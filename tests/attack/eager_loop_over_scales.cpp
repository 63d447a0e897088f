// SPDX-License-Identifier: Apache-2.0
// One eager handle in a loop over the levels of a pyramid: each level has another range.
#include <quench/eager.hpp>

#include "expect_error.hpp"

namespace q = quench;

using March = q::march::NashE;
using Q = q::qconfig::Int8;
struct Net {
  q::eager::QuantStub<"level", March, Q> levels[3];
  q::eager::QuantStub<"shift", March, Q> shift;
  q::eager::FloatFunctional<"add", March, Q> add;
  q::eager::DeQuantStub out;
  void forward(const std::vector<float>& x) {
    auto s = shift(std::vector<float>{0.5f, 0.25f});
    for (int i = 0; i < 3; ++i) {
      std::vector<float> scaled = x;
      for (float& v : scaled) v *= static_cast<float>(i * i * 50 + 1);
      out(add.add(levels[i](scaled), s));
    }
  }
};

int main() {
  Net net;
  return attack::refused("functional-called-once", "add", [&] { net.forward({1, 2}); });
}
