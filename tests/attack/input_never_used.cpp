// SPDX-License-Identifier: Apache-2.0
// expect: quench[input-never-used] 1
// `forward` has two inputs and reads one: the second camera is copied, and decides nothing.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub left, right;
  q::FloatFunctional both;
  q::Linear fc{.in_features = 4, .out_features = 2};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, [[maybe_unused]] auto y) const { return dequant(fc(both.add(left(x), right(x)))); }
};
static_assert(q::verified<Net>());
int main() {}
