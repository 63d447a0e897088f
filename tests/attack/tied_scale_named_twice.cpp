// SPDX-License-Identifier: Apache-2.0
// expect: quench[tied-scale-does-not-match] steps.1 steps.0 named_twice
// The third step should be in the list; a name was copied and not changed.
#include <array>
#include <quench/network.hpp>

namespace q = quench;

struct Step {
  q::FloatFunctional state;
  constexpr auto forward(auto x, auto h) const { return state.add(x, h); }
};
struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Ties = q::TiedScale<"steps.0", "steps.1", "steps.1">;
  q::QuantStub a, b;
  std::array<Step, 3> steps;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto h) const {
    auto input = a(x);
    h = b(h);
    for (const Step& step : steps) h = step.forward(input, h);
    return dequant(h);
  }
};
static_assert(q::verified<Net>());
int main() {}
