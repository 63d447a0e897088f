// SPDX-License-Identifier: Apache-2.0
// expect: quench[network-not-readable] Net ForwardReturnsNoTensor
// Two outputs are a std::tuple, no std::pair.
#include <quench/network.hpp>

#include <utility>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  q::ReLU relu;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = dequant(relu(quant(x)));
    return std::pair(x, y);
  }
};
static_assert(q::verified<Net>());
int main() {}
