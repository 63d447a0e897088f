// SPDX-License-Identifier: Apache-2.0
// expect: quench[qconfig-names-no-module] blocks.0.norm
// expect: quench[qconfig-names-no-module] blocks.1.norm
// Two rules name a member that neither block has. Each rule is a mistake of its own, and each is reported.
#include "two_blocks.hpp"

using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::HighPrecisionOutput<>, q::rule::ByName<"blocks.0.norm", Int16>,
                                q::rule::ByName<"blocks.1.norm", Int16>, q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
