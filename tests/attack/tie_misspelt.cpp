// SPDX-License-Identifier: Apache-2.0
// expect: quench[ties-not-read] Net
// `using Tie` instead of `using Ties`: two layers that should share weights do not.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Tie = q::Tie<"left", "right">;
  q::QuantStub a, b;
  q::Linear left{.in_features = 4, .out_features = 2}, right{.in_features = 4, .out_features = 2},
      third{.in_features = 2, .out_features = 2};
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(third(sum.add(left(a(x)), right(b(y))))); }
};
static_assert(q::verified<Net>());
int main() {}
