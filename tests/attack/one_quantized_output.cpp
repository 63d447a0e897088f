// SPDX-License-Identifier: Apache-2.0
// expect: quench[missing-dequant-stub] boxes
// Two outputs: one passes the DeQuantStub, the other leaves as integers through a reshape.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<4, 4, 2>>;
  q::QuantStub quant;
  q::Conv2d classes{.in_channels = 2, .out_channels = 6, .kernel_size = 1},
      boxes{.in_channels = 2, .out_channels = 4, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = quant(x);
    return std::tuple(dequant(classes(y)), q::reshape(boxes(y), {16, 4}));
  }
};
static_assert(q::verified<Net>());
int main() {}
