// SPDX-License-Identifier: Apache-2.0
// expect: quench[tied-scale-does-not-match] cell.cell.first no_such_member
// Ties in a block have names relative to it. These name the layers from the top of the network.
#include <quench/network.hpp>

namespace q = quench;

struct Cell {
  using Ties = q::TiedScale<"cell.first", "cell.second">;
  q::FloatFunctional first, second;
  constexpr auto forward(auto x, auto y) const { return second.sub(x, first.sub(x, y)); }
};
struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub a, b;
  Cell cell;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return dequant(cell.forward(a(x), b(y))); }
};
static_assert(q::verified<Net>());
int main() {}
