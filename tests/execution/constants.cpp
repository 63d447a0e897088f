// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/constants.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

#include "networks/operators.hpp"

TEST_CASE("operators that keep a scale have that of their input, and a factor becomes part of it") {
  const q::Graph& graph = q::graph<operators::Arithmetic>;
  q::QuantizationState state{std::vector<float>(static_cast<std::size_t>(graph.module_count), 0.125f), {}};
  state.weights.resize(state.activation_scales.size());
  const q::IntegerConstants constants(
      graph, std::vector<q::DType>(static_cast<std::size_t>(graph.node_count), q::DType::Int8), state);
  const auto node = [&](q::TextView name) { return graph.modules[graph.find_module(name)].node; };
  CHECK(constants.scales(node("mul_scalar"))[0] == 0.125f * 1.5f);
  CHECK(constants.step(node("mul_scalar")).is_negative);
  CHECK(constants.step(node("add")).addition->multiplier != 0);
  CHECK(constants.step(node("mean")).requantization[0] ==
        q::requantization(1.0 / 60, 8, q::RequantizeFrom::Accumulators));
  CHECK(constants.step(node("sum")).requantization[0] == q::requantization(1, 8, q::RequantizeFrom::Accumulators));
  CHECK(constants.step(node("cat")).requantization[0] == q::kernels::same_scale);
  state.activation_scales[static_cast<std::size_t>(graph.find_module("sum"))] = 0;
  CHECK_THROWS_WITH_AS(q::IntegerConstants(graph, constants.dtypes(), state), doctest::Contains("sum"), q::Error);
}
