// SPDX-License-Identifier: Apache-2.0
// expect: quench[qconfig-names-no-module] blocks.2.conv
// Blocks count from 0, so blocks.2 of two blocks does not exist.
#include "two_blocks.hpp"

using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"blocks.2.conv", Int16>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
