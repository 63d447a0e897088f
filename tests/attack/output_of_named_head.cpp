// SPDX-License-Identifier: Apache-2.0
// expect: quench[output-not-high-precision] head
// A rule by name in front of HighPrecisionOutput makes the head int16: an output that is rounded once more.
#include "two_blocks.hpp"

using Int16 = q::qconfig::Int8WeightInt16Activation;
using Setter = q::QConfigSetter<q::rule::ByName<"head", Int16>, q::rule::HighPrecisionOutput<>,
                                q::rule::Everything<q::qconfig::Int8>>;
static_assert(q::verified_setter<Net, q::march::NashE, Setter>());
int main() {}
