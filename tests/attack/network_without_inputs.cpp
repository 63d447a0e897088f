// SPDX-License-Identifier: Apache-2.0
// expect: quench[network-not-readable] Net NoInputs
// A network lists no inputs.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(quant(x)); }
};
static_assert(q::verified<Net>());
int main() {}
