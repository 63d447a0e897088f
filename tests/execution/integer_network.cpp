// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/integer_network.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

#include <quench/execution/constants.hpp>

TEST_CASE("tensors have room for all samples, and nodes of one step share it") {
  const q::Graph& graph = q::graph<toy::Net>;
  std::vector<q::DType> dtypes(static_cast<std::size_t>(graph.node_count), q::DType::Int16);
  q::IntegerTensors tensors;
  tensors.resize(graph, dtypes, 3);
  const int conv = graph.modules[graph.find_module("conv")].node;
  CHECK(tensors.of(conv, 1) - tensors.of(conv, 0) == 2 * 48);
  CHECK(tensors.of(conv + 1) == tensors.of(conv));  // the batch norm
  CHECK(tensors.of(conv + 2) == tensors.of(conv));  // the ReLU
  tensors.of<std::int16_t>(conv, 2)[47] = 5;        // the last element
}
