// SPDX-License-Identifier: Apache-2.0
// The forms in which a network is computed, and the nodes that compute nothing in each.
#pragma once

#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::training {

/// Which nodes are aliases of their operand.
enum class Form {
  Float,     // stubs and shape functions
  Folded,    // and batch norms that are part of the layer before them; others only multiply and add
  Quantized  // as device/fusion.hpp says; QuantStubs compute
};

/// True if a node is an alias of its operand.
bool is_alias(const Graph& graph, const Node& node, Form form);

/// For each node the node that computes its values: itself unless it is an alias.
std::vector<int> roots_of(const Graph& graph, Form form);

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/form_impl.hpp>
#endif
