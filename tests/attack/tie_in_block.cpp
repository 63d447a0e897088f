// SPDX-License-Identifier: Apache-2.0
// expect: quench[tie-does-not-match] siamese.siamese.left
// Ties in a block have names relative to it. These name the layers from the top of the network.
#include <quench/network.hpp>

namespace q = quench;

struct Siamese {
  using Ties = q::Ties<q::Tie<"siamese.left", "siamese.right">>;
  q::Linear left{.in_features = 4, .out_features = 2}, right{.in_features = 4, .out_features = 2};
  q::FloatFunctional difference;
  constexpr auto forward(auto x, auto y) const { return difference.sub(left(x), right(y)); }
};
struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub a, b;
  Siamese siamese;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(siamese.forward(a(x), b(y))); }
};
static_assert(q::verified<Net>());
int main() {}
