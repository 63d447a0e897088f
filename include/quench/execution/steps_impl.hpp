// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/execution/steps.hpp>

#include <cstring>
#include <limits>

#include <quench/tensors/error.hpp>

namespace quench::execution {

QUENCH_INLINE std::string name_of(const Graph& graph, int node) {
  return tensors::text(graph.name_of_node(graph.nodes[node]));
}

QUENCH_INLINE int end_of_step(const Graph& graph, int step) {
  for (int n = step + 1; n < graph.node_count; ++n) {
    if (family_of(graph.nodes[n].op) == Family::Clamp && device::is_absorbed(graph, graph.nodes[n]) &&
        device::step_of(graph, n) == step)
      return n;
  }
  return step;
}

QUENCH_INLINE int end_of_unfolded_step(const Graph& graph, int step) {
  const int end = end_of_step(graph, step);
  for (int n = step + 1; n < graph.node_count && end == step; ++n)
    if (family_of(graph.nodes[n].op) == Family::BatchNorm && graph.operand(graph.nodes[n], 0) == step) return n;
  return end;
}

QUENCH_INLINE Operator fused_activation(const Graph& graph, int step) {
  const int end = end_of_step(graph, step);
  return end == step ? Operator::Input : graph.nodes[end].op;
}

QUENCH_INLINE float upper_bound(Operator relu) {
  const int bound = row_of(relu).upper_bound;
  return bound > 0 ? static_cast<float>(bound) : std::numeric_limits<float>::infinity();
}

}  // namespace quench::execution
