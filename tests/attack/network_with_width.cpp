// SPDX-License-Identifier: Apache-2.0
// expect: quench[network-not-readable] Net MemberWithoutDefault
// A member has an initializer, but its type has no default.
#include <quench/network.hpp>

namespace q = quench;

struct Width {
  int value;
  constexpr Width(int width) : value(width) {}
};
struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  Width width = 4;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(x)); }
};
static_assert(q::verified<Net>());
int main() {}
