// SPDX-License-Identifier: Apache-2.0
// expect: quench[tie-does-not-match] left right
// Two ties, one in each direction: neither layer has the weights.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Ties = q::Ties<q::Tie<"left", "right">, q::Tie<"right", "left">>;
  q::QuantStub a, b;
  q::Linear left{.in_features = 4, .out_features = 2}, right{.in_features = 4, .out_features = 2},
      third{.in_features = 2, .out_features = 2};
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(third(sum.add(left(a(x)), right(b(y))))); }
};
static_assert(q::verified<Net>());
int main() {}
