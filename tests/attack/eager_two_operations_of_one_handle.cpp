// SPDX-License-Identifier: Apache-2.0
// One eager FloatFunctional serves an addition and a product whose results never meet.
#include <quench/eager.hpp>

#include "expect_error.hpp"

namespace q = quench;

using March = q::march::NashE;
using Q = q::qconfig::Int8;
struct Net {
  q::eager::QuantStub<"a", March, Q> a;
  q::eager::QuantStub<"b", March, Q> b;
  q::eager::FloatFunctional<"shared", March, Q> shared;
  q::eager::DeQuantStub out;
  void forward(const std::vector<float>& x, const std::vector<float>& y) {
    auto first = a(x);
    auto second = b(y);
    out(shared.add(first, second));
    out(shared.mul(first, second));
  }
};

int main() {
  Net net;
  return attack::refused("functional-called-once", "shared", [&] { net.forward({1, 2}, {0.01f, 0.02f}); });
}
