// SPDX-License-Identifier: Apache-2.0
// expect: quench[tied-scale-does-not-match] quant sum no_scale_of_its_own
// The stub of an image has the scale of its codes, 1/128, whatever another output needs.
#include <quench/network.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 4, 4>>;
  using Ties = q::Ties<q::TiedScale<"sum", "quant">>;
  q::QuantStub quant;
  q::FloatFunctional sum;
  q::DeQuantStub dequant;
  constexpr auto forward(auto image) const {
    auto x = quant(image);
    return dequant(sum.add(x, x));
  }
};
static_assert(q::verified<Net>());
int main() {}
