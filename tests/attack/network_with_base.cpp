// SPDX-License-Identifier: Apache-2.0
// expect: quench[network-not-readable] Net HasBaseClass
// A base class has the layers, as nn.Module in PyTorch.
#include <quench/network.hpp>

namespace q = quench;

struct Base {
  q::QuantStub quant;
  q::DeQuantStub dequant;
};
struct Net : Base {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::ReLU relu;
  constexpr auto forward(auto x) const { return dequant(relu(quant(x))); }
};
static_assert(q::verified<Net>());
int main() {}
