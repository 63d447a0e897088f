// SPDX-License-Identifier: Apache-2.0
// Every operator through the whole flow, in small networks.
#include "flow/flow.hpp"
#include "networks/operators.hpp"
#include "networks/sequences.hpp"
#include "networks/setters.hpp"
#include "networks/vision_transformer.hpp"

TEST_CASE("layers go through the flow: QAT, host and device give the same integers") {
  flow::check<operators::Layers>({.signal_to_noise = 25, .loss_factor = 0.7});
}
TEST_CASE("activations go through the flow: QAT, host and device give the same integers") {
  flow::check<operators::Functions, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::HardFunctions, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::SmoothFunctions, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::PartlyDefined, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::Corners, networks::Int8Outputs>(
      {.signal_to_noise = 25, .loss_factor = 0.7, .learning_rate = 0.02f});
}
TEST_CASE("norms of rows go through the flow, int8 and int16: QAT, host and device give the same integers") {
  flow::check<operators::RowNorms, networks::Int8Outputs>({.signal_to_noise = 25, .loss_factor = 0.7});
  flow::check<operators::RowNorms, quench::setter::Int16WhereSupported>({.signal_to_noise = 60, .loss_factor = 0.7});
}
TEST_CASE("a transformer goes through the flow, int8 and int16: QAT, host and device give the same integers") {
  flow::check<networks::SmallVisionTransformer>({.signal_to_noise = 15, .loss_factor = 0.7});
  flow::check<networks::SmallVisionTransformer, quench::setter::Int16WhereSupported, quench::march::NashP>(
      {.signal_to_noise = 30, .loss_factor = 0.7});
}
TEST_CASE("pools and upsampling go through the flow: QAT, host and device give the same integers") {
  flow::check<operators::Pools, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::MaxPools, networks::Int8Outputs>({.signal_to_noise = 25});
}
TEST_CASE("maps of any size go through the flow: QAT, host and device give the same integers") {
  flow::check<operators::Resizes, networks::Int8Outputs>({.signal_to_noise = 25});
}
TEST_CASE("windows of all kinds go through the flow: QAT, host and device give the same integers") {
  flow::check<operators::Windows, networks::Int8Outputs>({.signal_to_noise = 25, .loss_factor = 0.9});
  flow::check<operators::Windows>({.signal_to_noise = 25, .loss_factor = 0.9});
  flow::check<operators::AdaptivePools, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::AdaptivePools>({.signal_to_noise = 25});  // int16 from means
}
TEST_CASE("1-d layers go through the flow, int8 and int16: QAT, host and device give the same integers") {
  flow::check<sequences::Layers>({.signal_to_noise = 25, .loss_factor = 0.7});
  flow::check<sequences::Layers, quench::setter::Int16WhereSupported>({.signal_to_noise = 40, .loss_factor = 0.7});
  flow::check<sequences::Pools, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<sequences::Pools>({.signal_to_noise = 25});  // int16 from means
}
TEST_CASE("modules that are called in float too go through the flow: each call stands for itself") {
  flow::check<operators::CalledInFloatToo>({.signal_to_noise = 25});
  flow::check<operators::CalledInFloatToo, quench::setter::Int16WhereSupported>({.signal_to_noise = 25});
}
TEST_CASE("functionals and shape functions go through the flow: QAT, host and device give the same integers") {
  flow::check<operators::Arithmetic, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::Choices, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::Joins, networks::Int8Outputs>({.signal_to_noise = 25});
  flow::check<operators::Shapes>({.signal_to_noise = 25, .loss_factor = 0.7});
  flow::check<operators::Moved>({.signal_to_noise = 25, .loss_factor = 0.7});
}
TEST_CASE("a ReLU after each operator goes through the flow, int8 and int16") {
  flow::check<operators::Clamps, networks::Int8Outputs>({.signal_to_noise = 25, .loss_factor = 0.9});
  flow::check<operators::Clamps, quench::setter::Int16WhereSupported>({.signal_to_noise = 40, .loss_factor = 0.9});
}
TEST_CASE("activations and arithmetic go through the flow in int16") {
  flow::check<operators::Functions, quench::setter::Int16WhereSupported>({.signal_to_noise = 40});
  flow::check<operators::HardFunctions, quench::setter::Int16WhereSupported>({.signal_to_noise = 40});
  flow::check<operators::SmoothFunctions, quench::setter::Int16WhereSupported>({.signal_to_noise = 40});
  flow::check<operators::PartlyDefined, quench::setter::Int16WhereSupported>({.signal_to_noise = 40});
  flow::check<operators::Arithmetic, quench::setter::Int16WhereSupported>({.signal_to_noise = 40});
  flow::check<operators::Choices, quench::setter::Int16WhereSupported>({.signal_to_noise = 40});
  flow::check<operators::Joins, quench::setter::Int16WhereSupported>({.signal_to_noise = 40});
  flow::check<operators::Shapes, quench::setter::Int16WhereSupported>({.signal_to_noise = 40, .loss_factor = 0.7});
  flow::check<operators::Corners, quench::setter::Int16WhereSupported>(
      {.signal_to_noise = 40, .loss_factor = 0.7, .learning_rate = 0.02f});
}

// So says include/quench/types/README.md. The networks of all files of this folder show it together: it fails if one is missing.
TEST_CASE("each operator goes through the flow with each dtype that its row allows") {
  using quench::DType;
  using quench::Operator;
  for (const quench::OperatorRow& row : quench::OperatorRows::of) {
    if (row.op == Operator::Input || row.op == Operator::FloatFunctional) continue;
    std::set<DType> in, out;
    for (const auto& [op, from, to] : flow::checked_operators())
      if (op == row.op) in.insert(from), out.insert(to);
    INFO(std::string{row.name.begin(), row.name.end()});
    const bool is_folded = row.family == quench::Family::BatchNorm;  // its layer has the dtype
    if (!row.begins_quantized) {
      CHECK(in.contains(DType::Int8));
      CHECK((in.contains(DType::Int16) || !row.takes_int16));
    }
    if (row.op != Operator::DeQuantStub) {
      CHECK(out.contains(DType::Int8));
      CHECK((out.contains(DType::Int16) || !row.gives_int16));
      CHECK((out.contains(DType::Int32) || is_folded || !(row.has_accumulator || row.passes_accumulators)));
    } else {
      CHECK(in.contains(DType::Int32));
    }
  }
}
