// SPDX-License-Identifier: Apache-2.0
// expect: quench[high-precision-not-output] blocks.0.conv
// The high-precision output is given to a conv whose batch norm, ReLU and add follow: no operator takes int32.
#include "two_blocks.hpp"

using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::ByName<"blocks.0.conv", q::qconfig::Int8WeightHighPrecisionOutput>,
                                q::rule::HighPrecisionOutput<>, q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
