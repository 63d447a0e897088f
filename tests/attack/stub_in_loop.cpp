// SPDX-License-Identifier: Apache-2.0
// expect: quench[already-quantized] stubs.1
// A loop over stubs quantizes one tensor twice.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub stubs[2];
  q::Linear fc{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    for (const auto& stub : stubs) x = stub(x);
    return dequant(fc(x));
  }
};
static_assert(q::verified<Net>());
int main() {}
