// SPDX-License-Identifier: Apache-2.0
// expect: quench[rule-without-effect] join has_high_precision
// Low precision is allowed for a cat that HighPrecisionOutput makes int16 all the same.
#include <quench/quench.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Image<q::color::CenteredGray, 8, 8>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 1, .out_channels = 4, .kernel_size = 3}, b = a;
  q::FloatFunctional join;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = quant(x);
    return dequant(join.cat(a(x), b(x)));
  }
};
using Setter = q::QConfigSetter<q::rule::AllowLowPrecisionOutput<"join">, q::rule::HighPrecisionOutput<>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
