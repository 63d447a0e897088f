// SPDX-License-Identifier: Apache-2.0
// One eager Activation quantizes the results of two convolutions of the user's own, which never meet.
#include <quench/eager.hpp>

#include "expect_error.hpp"

namespace q = quench;

using March = q::march::NashE;
using Q = q::qconfig::Int8;
struct Net {
  q::eager::QuantStub<"quant", March, Q> quant;
  q::eager::Activation<"conv", March, Q> conv;
  q::eager::DeQuantStub out;
  void forward(const std::vector<float>& x) {
    auto v = quant(x);
    const std::vector<float> doubled{v.values()[0] * 2, v.values()[1] * 2},
        large{v.values()[0] * 200, v.values()[1] * 200};
    out(conv(doubled, v));
    out(conv(large, v));
  }
};

int main() {
  Net net;
  return attack::refused("functional-called-once", "conv", [&] { net.forward({1, 2}); });
}
