// SPDX-License-Identifier: Apache-2.0
// Calls of layers recorded one by one, for tests: what the compiler does in trace.hpp, at run time and without a network.
#pragma once

#include <initializer_list>

#include <quench/network/symbol.hpp>

struct Calls {
  static constexpr int capacity = 32;
  quench::Node nodes[capacity];
  int operands[3 * capacity];
  quench::Module modules[capacity];
  quench::detail::Recorder recorder{nodes, operands, modules, 0, 0};

  quench::Symbol input(const quench::Shape& shape, quench::Domain domain = quench::Domain::Quantized,
                       quench::ColorFormat color = quench::ColorFormat::None) {
    nodes[recorder.node_count].shape = shape;
    nodes[recorder.node_count].domain = domain;
    nodes[recorder.node_count].color = color;
    return {&recorder, recorder.node_count++};
  }

  const quench::Node& operator[](quench::Symbol symbol) const { return nodes[symbol.node()]; }
  quench::Graph graph() const {
    quench::Graph graph;
    graph.nodes = nodes;
    graph.node_count = recorder.node_count;
    graph.operands = operands;
    graph.operand_count = recorder.operand_count;
    return graph;
  }
};
