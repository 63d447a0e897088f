// SPDX-License-Identifier: Apache-2.0
#include <quench/execution/steps.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("a step ends with its ReLU, and knows whether data gives its scale") {
  const q::Graph& graph = q::graph<toy::Net>;
  const int conv = graph.modules[graph.find_module("conv")].node, head = graph.modules[graph.find_module("head")].node;
  CHECK(graph.nodes[q::execution::end_of_step(graph, conv)].op == q::Operator::ReLU);
  CHECK(q::execution::fused_activation(graph, conv) == q::Operator::ReLU);
  CHECK(q::execution::end_of_step(graph, head) == head);
  CHECK(q::execution::fused_activation(graph, head) == q::Operator::Input);
  CHECK(q::execution::has_observed_scale(graph, conv));
  CHECK_FALSE(q::execution::has_observed_scale(graph, q::execution::end_of_step(graph, conv)));
  CHECK(q::execution::name_of(graph, conv) == "conv");
}
