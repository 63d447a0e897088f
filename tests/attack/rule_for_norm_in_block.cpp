// SPDX-License-Identifier: Apache-2.0
// expect: quench[qconfig-names-no-module] blocks.1.bn blocks.1.conv
// A folded batch norm in a block of an array owns no scale. Its conv does.
#include "two_blocks.hpp"

using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"blocks.1.bn", Int16>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
