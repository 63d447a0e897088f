// SPDX-License-Identifier: Apache-2.0
// expect: quench[result-never-used] enhance
// The result of `enhance` goes nowhere: the line below it reads x again.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<6, 6, 2>>;
  q::QuantStub quant;
  q::Conv2d enhance{.in_channels = 2, .out_channels = 2, .kernel_size = 3, .padding = 1};
  q::Conv2d head{.in_channels = 2, .out_channels = 2, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    [[maybe_unused]] auto y = enhance(x);
    return dequant(head(x));
  }
};
static_assert(q::verified<Net>());
int main() {}
