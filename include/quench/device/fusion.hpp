// SPDX-License-Identifier: Apache-2.0
// The calls of a network that need no separate operation on integers.
//
// A batch norm is part of the layer before it. A ReLU is the clamp of its producer if that has one user. flatten and
// reshape are views of the same values. All of them share the buffer and the step of their operand.
// Source: nash.md section 4. Freestanding.
#pragma once

#include <quench/network/graph.hpp>

namespace quench::device {

/// True if a node only renames the output of its operand: it needs no step and no buffer.
constexpr bool is_absorbed(const Graph& graph, const Node& node) {
  if (node.domain != Domain::Quantized) return false;
  if (family_of(node.op) == Family::View || family_of(node.op) == Family::BatchNorm) return true;
  if (family_of(node.op) != Family::Clamp) return false;
  const Node& producer = graph.operand_node(node, 0);
  const Node& layer = family_of(producer.op) == Family::BatchNorm ? graph.operand_node(producer, 0) : producer;
  return producer.users == 1 && owns_output_scale(layer.op) && layer.op != Operator::QuantStub;
}

/// The node whose step computes the values of a node.
constexpr int step_of(const Graph& graph, int node) {
  while (is_absorbed(graph, graph.nodes[node])) node = graph.operand(graph.nodes[node], 0);
  return node;
}

/// The step that owns the scale of a node's values: of the steps up to the node, the last one with a scale of its own.
constexpr int owner_of_scale(const Graph& graph, int node) {
  int step = step_of(graph, node);
  while (!owns_output_scale(graph.nodes[step].op)) step = step_of(graph, graph.operand(graph.nodes[step], 0));
  return step;
}

/// True if a node is a step of the integer network: it lies between the stubs and computes something. A QuantStub is a
/// step.
constexpr bool is_step(const Graph& graph, int node) {
  return graph.nodes[node].domain == Domain::Quantized && !is_absorbed(graph, graph.nodes[node]);
}

/// True if the integers of a node are given to the network: the codes of a QuantStub, or indices.
constexpr bool is_given(const Node& node) { return node.op == Operator::QuantStub || node.domain == Domain::Indices; }

/// True if an integer network has a tensor for a node: it is a step, or an input of indices.
constexpr bool has_tensor(const Graph& graph, int node) {
  return is_step(graph, node) || graph.nodes[node].domain == Domain::Indices;
}

/// True if a device has the scales of step n: it needs only those of its inputs and outputs.
constexpr bool needs_scales(const Graph& graph, int n) {
  if (graph.nodes[n].op == Operator::QuantStub) return true;
  for (int stub = 0; stub < graph.node_count; ++stub) {
    if (graph.nodes[stub].op != Operator::DeQuantStub) continue;
    int step = step_of(graph, graph.operand(graph.nodes[stub], 0));
    while (!owns_output_scale(graph.nodes[step].op) && step != n)
      step = step_of(graph, graph.operand(graph.nodes[step], 0));
    if (step == n) return true;
  }
  return false;
}

}  // namespace quench::device
