// SPDX-License-Identifier: Apache-2.0
// expect: quench[int16-not-supported] pool
// int16 for a conv reaches a max pool through a ReLU, and the march pools int8 only.
#include <quench/quench.hpp>

namespace q = quench;

struct Net {
  using Inputs = q::Inputs<q::Features<8, 8, 2>>;
  q::QuantStub quant;
  q::Conv2d a{.in_channels = 2, .out_channels = 4, .kernel_size = 3};
  q::ReLU relu;
  q::MaxPool2d pool{.kernel_size = 2};
  q::Conv2d b{.in_channels = 4, .out_channels = 4, .kernel_size = 3};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(b(pool(q::reshape(relu(a(quant(x))), {6, 6, 4})))); }
};
using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"a", Int16>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
