// SPDX-License-Identifier: Apache-2.0
// expect: quench[network-not-readable] Net DefaultIsNotConstexpr
// A member is a reference, so that two blocks use one layer.
#include <quench/network.hpp>

namespace q = quench;

inline constexpr q::ReLU shared{};
struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  const q::ReLU& relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(relu(quant(x))); }
};
static_assert(q::verified<Net>());
int main() {}
