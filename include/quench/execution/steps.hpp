// SPDX-License-Identifier: Apache-2.0
// Facts about the steps of an integer network for the hosted code: the node that ends a step, and its scale.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include <quench/device/fusion.hpp>
#include <quench/network/setter_rules.hpp>
#include <quench/tensors/scale.hpp>

namespace quench::execution {

/// The name of a node in errors: that of its module.
inline std::string name_of(const Graph& graph, int node) {
  return tensors::text(graph.name_of_node(graph.nodes[node]));
}

/// The node that gives the values of a step: its ReLU if it has one, else itself.
inline int end_of_step(const Graph& graph, int step) {
  for (int n = step + 1; n < graph.node_count; ++n) {
    if (family_of(graph.nodes[n].op) == Family::Clamp && device::is_absorbed(graph, graph.nodes[n]) &&
        device::step_of(graph, n) == step)
      return n;
  }
  return step;
}

/// The same before batch norms are folded: a step without a ReLU ends at its BatchNorm2d. Also for layers in float.
inline int end_of_unfolded_step(const Graph& graph, int step) {
  const int end = end_of_step(graph, step);
  for (int n = step + 1; n < graph.node_count && end == step; ++n)
    if (graph.nodes[n].op == Operator::BatchNorm2d && graph.operand(graph.nodes[n], 0) == step) return n;
  return end;
}

/// The ReLU or ReLU6 fused into a step; Operator::Input for none.
inline Operator fused_activation(const Graph& graph, int step) {
  const int end = end_of_step(graph, step);
  return end == step ? Operator::Input : graph.nodes[end].op;
}

/// The upper bound of a ReLU; infinity if it has none.
inline float upper_bound(Operator relu) {
  const int bound = row_of(relu).upper_bound;
  return bound > 0 ? static_cast<float>(bound) : std::numeric_limits<float>::infinity();
}

/// True if calibration finds the scale of a step. False for the stub of an image (1/128), a product with a constant (it
/// uses its input's scale), and steps that keep their input's scale.
inline bool has_observed_scale(const Graph& graph, int step) {
  const Node& node = graph.nodes[step];
  return device::is_step(graph, step) && row_of(node.op).scale == OutputScale::Own && !is_image_stub(graph, node);
}

/// The scale of an image's codes: a centred code c is the real value c / 128.
inline constexpr float image_scale = 1.0f / 128;

}  // namespace quench::execution
