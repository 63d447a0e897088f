// SPDX-License-Identifier: Apache-2.0
// Layers with parameters for each channel through the whole flow.
#include "flow/flow.hpp"
#include "networks/per_channel.hpp"
#include "networks/setters.hpp"

TEST_CASE("channel affines go through the flow, int8, int16 and int32: QAT, host and device give the same integers") {
  flow::check<per_channel::Affines>({.signal_to_noise = 25, .loss_factor = 0.8});
  flow::check<per_channel::Affines, networks::Int8Outputs>({.signal_to_noise = 25, .loss_factor = 0.8});
  flow::check<per_channel::Affines, quench::setter::Int16WhereSupported>({.signal_to_noise = 40, .loss_factor = 0.8});
}
TEST_CASE("trained slopes go through the flow, int8 and int16: QAT, host and device give the same integers") {
  flow::check<per_channel::Slopes, networks::Int8Outputs>({.signal_to_noise = 25, .loss_factor = 0.9});
  flow::check<per_channel::Slopes, quench::setter::Int16WhereSupported>({.signal_to_noise = 40, .loss_factor = 0.9});
}
TEST_CASE("layers with parameters for each channel take int8 and give int16, and the reverse") {
  using Int16 = quench::qconfig::Int8WeightInt16Activation;
  using Setter = quench::QConfigSetter<quench::rule::ByName<"map", Int16>, quench::rule::HighPrecisionOutput<>,
                                       quench::rule::Everything<quench::qconfig::Int8>>;
  flow::check<per_channel::Affines, Setter>({.signal_to_noise = 25, .loss_factor = 0.8});
  flow::check<per_channel::Slopes, Setter>({.signal_to_noise = 25, .loss_factor = 0.9});
}
TEST_CASE("a block of DenseNet goes through the flow: QAT, host and device give the same integers") {
  flow::check<per_channel::DenseBlock>({.signal_to_noise = 25, .loss_factor = 0.9});
  flow::check<per_channel::DenseBlock, quench::setter::Int16WhereSupported>(
      {.signal_to_noise = 25, .loss_factor = 0.9});
}
