// SPDX-License-Identifier: Apache-2.0
// Calls of layers recorded one by one, for tests: what trace.hpp does, without a network.
#pragma once

#include <quench/network/symbol.hpp>

struct Calls {
  static constexpr int capacity = 32;
  quench::Node nodes[capacity]{};
  int operands[3 * capacity]{};
  quench::Module modules[capacity]{};
  quench::Recorder recorder{nodes, operands, modules, 0, 0};

  constexpr quench::Symbol input(const quench::Shape& shape, quench::Domain domain = quench::Domain::Quantized,
                                 quench::ColorFormat color = quench::ColorFormat::None) {
    nodes[recorder.node_count].shape = shape;
    nodes[recorder.node_count].domain = domain;
    nodes[recorder.node_count].color = color;
    nodes[recorder.node_count].has_image_range = color != quench::ColorFormat::None;
    return {&recorder, recorder.node_count++};
  }

  constexpr const quench::Node& operator[](quench::Symbol symbol) const { return nodes[symbol.node()]; }
  constexpr quench::Graph graph() const {
    quench::Graph graph;
    graph.nodes = nodes;
    graph.node_count = recorder.node_count;
    graph.operands = operands;
    graph.operand_count = recorder.operand_count;
    graph.modules = modules;
    graph.module_count = capacity;
    return graph;
  }
};

/// True if a node has this operator, module, line and shape, and its operands fit.
constexpr bool is_call(const quench::Node& node, quench::Operator op, int module, int line,
                       const quench::Shape& shape) {
  return node.op == op && node.module == module && node.line == line && node.shape == shape && node.shapes_agree;
}

/// True if all settings are equal, those included that the operator does not use.
constexpr bool same_settings(const quench::Settings& a, const quench::Settings& b) {
  for (int i = 0; i < quench::max_rank; ++i)
    if (a.axes[i] != b.axes[i] || a.begin[i] != b.begin[i] || a.end[i] != b.end[i]) return false;
  return a.kernel_size == b.kernel_size && a.stride == b.stride && a.padding == b.padding &&
         a.output_padding == b.output_padding && a.dilation == b.dilation && a.scale_factor == b.scale_factor &&
         a.ceil_mode == b.ceil_mode && a.count_include_pad == b.count_include_pad && a.output_size == b.output_size &&
         a.in_channels == b.in_channels && a.out_channels == b.out_channels && a.groups == b.groups &&
         a.bias == b.bias && a.elementwise_affine == b.elementwise_affine && a.keepdim == b.keepdim &&
         a.mode == b.mode && a.coordinates == b.coordinates && a.nearest_mode == b.nearest_mode &&
         a.axis_count == b.axis_count && a.epsilon == b.epsilon && a.momentum == b.momentum &&
         a.parameters[0] == b.parameters[0] && a.parameters[1] == b.parameters[1];
}
