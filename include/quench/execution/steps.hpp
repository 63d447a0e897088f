// SPDX-License-Identifier: Apache-2.0
// Facts of the steps of an integer network that the hosted part asks for: which node ends a step, which scale it has.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include <quench/device/fusion.hpp>
#include <quench/tensors/scale.hpp>

namespace quench::execution {

/// The name that errors give a node: that of its module.
inline std::string name_of(const Graph& graph, int node) {
  return tensors::text(graph.name_of_node(graph.nodes[node]));
}

/// The node whose values are those of a step: its ReLU if it has one, itself otherwise.
inline int end_of_step(const Graph& graph, int step) {
  for (int n = step + 1; n < graph.node_count; ++n) {
    if (family_of(graph.nodes[n].op) == Family::Clamp && device::is_absorbed(graph, graph.nodes[n]) &&
        device::step_of(graph, n) == step)
      return n;
  }
  return step;
}

/// The same in a network whose batch norms stand by themselves: its BatchNorm2d, if the step has no ReLU. Works for layers
/// in float as well.
inline int end_of_unfolded_step(const Graph& graph, int step) {
  const int end = end_of_step(graph, step);
  for (int n = step + 1; n < graph.node_count && end == step; ++n)
    if (graph.nodes[n].op == Operator::BatchNorm2d && graph.operand(graph.nodes[n], 0) == step) return n;
  return end;
}

/// The ReLU or ReLU6 that is part of a step; Operator::Input for none.
inline Operator fused_activation(const Graph& graph, int step) {
  const int end = end_of_step(graph, step);
  return end == step ? Operator::Input : graph.nodes[end].op;
}

/// Where a ReLU clamps from above: infinity for one without a bound.
inline float upper_bound(Operator relu) {
  const int bound = row_of(relu).upper_bound;
  return bound > 0 ? static_cast<float>(bound) : std::numeric_limits<float>::infinity();
}

/// Whether a step needs a scale that calibration finds: not the stub of an image (1/128), not a product with a constant
/// (the scale of its input), nothing that keeps the scale of its input.
inline bool has_observed_scale(const Graph& graph, int step) {
  const Node& node = graph.nodes[step];
  return device::is_step(graph, step) && row_of(node.op).scale == OutputScale::Own &&
         !(node.op == Operator::QuantStub && graph.operand_node(node, 0).color != ColorFormat::None);
}

/// The scale of an image's codes: a centred code c is the real value c / 128.
inline constexpr float image_scale = 1.0f / 128;

}  // namespace quench::execution
