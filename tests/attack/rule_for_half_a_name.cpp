// SPDX-License-Identifier: Apache-2.0
// expect: quench[qconfig-names-no-module] block
// `block` is the beginning of `blocks`, but no name of a block.
#include "two_blocks.hpp"

using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"block", Int16>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
