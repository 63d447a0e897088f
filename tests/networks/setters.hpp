// SPDX-License-Identifier: Apache-2.0
// A setter for tests of int8 results: each output without an accumulator is int8, as a rule by name would make it.
#pragma once

#include <quench/qconfig/setter.hpp>

namespace networks {

struct AccumulatorOutputs {
  using QConfig = quench::qconfig::Int8WeightHighPrecisionOutput;
  static constexpr quench::SetterRule value = quench::rule::HighPrecisionOutput<>::value;
};
using Int8Outputs = quench::QConfigSetter<AccumulatorOutputs, quench::rule::Everything<quench::qconfig::Int8>>;

}  // namespace networks
