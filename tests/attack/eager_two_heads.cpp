// SPDX-License-Identifier: Apache-2.0
// One eager FloatFunctional adds for a small head and for a large one. The heads never meet, so types see one call each.
#include <quench/eager.hpp>

#include "expect_error.hpp"

namespace q = quench;

using March = q::march::NashE;
using Q = q::qconfig::Int8;
struct Net {
  q::eager::QuantStub<"image", March, Q> image;
  q::eager::QuantStub<"small", March, Q> small;
  q::eager::QuantStub<"large", March, Q> large;
  q::eager::FloatFunctional<"head", March, Q> head;
  q::eager::DeQuantStub out;
  void forward(const std::vector<float>& x, const std::vector<float>& near, const std::vector<float>& far) {
    auto features = image(x);
    out(head.add(features, small(near)));
    out(head.add(features, large(far)));
  }
};

int main() {
  Net net;
  return attack::refused("functional-called-once", "head", [&] {
    net.forward({0.1f, -0.2f}, {0.1f, 0.1f}, {80, -60});
  });
}
