// SPDX-License-Identifier: Apache-2.0
// expect: quench[tied-scale-does-not-match] second.gate first other_block_lacks_it
// Two blocks of different types are tied: the module of the second one that the first lacks would go its own way.
#include <quench/network.hpp>

namespace q = quench;

struct Plain {
  q::FloatFunctional state;
  constexpr auto forward(auto x, auto h) const { return state.add(x, h); }
};
struct Gated {
  q::FloatFunctional state;
  q::Sigmoid gate;
  constexpr auto forward(auto x, auto h) const { return state.add(x, gate(h)); }
};
struct Net {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  using Ties = q::TiedScale<"first", "second">;
  q::QuantStub a, b;
  Plain first;
  Gated second;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto h) const {
    auto input = a(x);
    return dequant(second.forward(input, first.forward(input, b(h))));
  }
};
static_assert(q::verified<Net>());
int main() {}
