// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/form.hpp>

#include <vector>

namespace quench::training {

QUENCH_INLINE bool is_alias(const Graph& graph, const Node& node, Form form) {
  if (node.op == Operator::DeQuantStub || family_of(node.op) == Family::View) return true;
  if (form == Form::Quantized) return is_folded(graph, node) || device::is_absorbed(graph, node);
  return node.op == Operator::QuantStub || (form == Form::Folded && is_folded(graph, node));
}

QUENCH_INLINE std::vector<int> roots_of(const Graph& graph, Form form) {
  std::vector<int> roots(index(graph.node_count));
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    roots[index(n)] = is_alias(graph, node, form) ? roots[index(graph.operand(node, 0))] : n;
  }
  return roots;
}

}  // namespace quench::training
