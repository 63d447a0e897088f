// SPDX-License-Identifier: Apache-2.0
// Prints a network's graph as a table, one call of `forward` a row.
#pragma once

#include <cstdio>
#include <string>

#include <quench/network.hpp>

inline std::string text(quench::TextView view) { return {view.data, static_cast<std::size_t>(view.size)}; }

inline std::string text(const quench::Shape& shape) {
  std::string result = "[";
  for (int axis = 0; axis < shape.rank; ++axis) result += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
  return result + "]";
}

inline void print(const quench::Graph& graph) {
  constexpr const char* domains[] = {"image", "float", "quantized"};
  std::printf("%-24s %-16s %-10s %-14s %10s\n", "name", "operator", "tensor", "shape", "parameters");
  for (int n = 0; n < graph.node_count; ++n) {
    const quench::Node& node = graph.nodes[n];
    std::printf("%-24s %-16s %-10s %-14s %10lld\n", text(graph.name_of_node(node)).c_str(),
                text(name_of(node.op)).c_str(), domains[static_cast<int>(node.domain)], text(node.shape).c_str(),
                parameter_count(node));
  }
  std::printf("%d modules, %lld parameters\n", graph.module_count, parameter_count(graph));
}
