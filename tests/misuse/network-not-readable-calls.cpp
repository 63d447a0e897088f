// SPDX-License-Identifier: Apache-2.0
// A network makes at most 2000 calls; a larger one is divided.
// With WRONG defined this must not compile; expect: quench[network-not-readable] ToyNet MoreThan2000Calls
// Without, it must compile, run and return 0.
#include <array>

#include <quench/network.hpp>
namespace q = quench;

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
#ifdef WRONG
  std::array<q::ReLU, 3000> relus;
#else
  std::array<q::ReLU, 1998> relus;
#endif
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    for (const q::ReLU& relu : relus) y = relu(y);
    return dequant(y);
  }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
