// SPDX-License-Identifier: Apache-2.0
// The forms in which a network is computed, and the nodes that compute nothing in each.
#pragma once

#include <vector>

#include <quench/execution/steps.hpp>

namespace quench::training {

/// Which nodes are aliases of their operand.
enum class Form {
  Float,     // stubs and shape functions
  Folded,    // and batch norms that are part of the layer before them; others only multiply and add
  Quantized  // as device/fusion.hpp says; QuantStubs compute
};

/// True if a node is an alias of its operand.
inline bool is_alias(const Graph& graph, const Node& node, Form form) {
  if (node.op == Operator::DeQuantStub || family_of(node.op) == Family::View) return true;
  if (form == Form::Quantized) return is_folded(graph, node) || device::is_absorbed(graph, node);
  return node.op == Operator::QuantStub || (form == Form::Folded && is_folded(graph, node));
}

/// For each node the node that computes its values: itself unless it is an alias.
inline std::vector<int> roots_of(const Graph& graph, Form form) {
  std::vector<int> roots(index(graph.node_count));
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    roots[index(n)] = is_alias(graph, node, form) ? roots[index(graph.operand(node, 0))] : n;
  }
  return roots;
}

}  // namespace quench::training
