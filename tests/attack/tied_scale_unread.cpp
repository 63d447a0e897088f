// SPDX-License-Identifier: Apache-2.0
// expect: quench[ties-not-read] Net
// `using TiedScale` instead of `using Ties`: the state would leave with another scale than it enters with.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using TiedScale = q::TiedScale<"b", "state">;
  q::QuantStub a, b;
  q::FloatFunctional state;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto h) const { return dequant(state.add(a(x), b(h))); }
};
static_assert(q::verified<Net>());
int main() {}
