// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/codes.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("real values become codes at the scale of a stub, and come back, NaN is refused") {
  const q::Graph& graph = q::graph<toy::Net>;
  q::QuantizationState state{std::vector<float>(6, 0.25f), std::vector<q::LayerWeights>(6)};
  const std::vector<float> conv(54, 1.0f), head(192, 1.0f);
  state.weights[static_cast<std::size_t>(graph.find_module("conv"))] = {conv, {}, {1, 1, 1}, q::DType::Int8};
  state.weights[static_cast<std::size_t>(graph.find_module("head"))] = {head, {}, {1, 1, 1, 1}, q::DType::Int8};
  const std::vector<q::DType> dtypes(static_cast<std::size_t>(graph.node_count), q::DType::Int8);
  const q::IntegerConstants constants(graph, dtypes, state);
  q::IntegerTensors tensors;
  tensors.resize(graph, dtypes, 2);
  std::vector<float> x(64), y(64);
  x[0] = 0.375f;  // 1.5 steps, half to even
  x[1] = -100;
  x[63] = 1;
  q::execution::quantize_codes(constants, 1, x, tensors, 0);
  CHECK(tensors.of<std::int8_t>(1)[0] == 2);
  CHECK(tensors.of<std::int8_t>(1, 1)[31] == 4);
  q::execution::dequantize_codes(graph, constants, 1, tensors, {0, 2}, y.data());
  CHECK(y[0] == 0.5f);
  CHECK(y[1] == -32);
  CHECK(y[63] == 1);
  x[5] = std::nanf("");
  CHECK_THROWS_AS(q::execution::quantize_codes(constants, 1, x, tensors, 0), q::Error);
}
