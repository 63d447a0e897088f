// SPDX-License-Identifier: Apache-2.0
// Finds missing-quant-stub, missing-dequant-stub, already-quantized, input-not-centered-yuv444, indices-not-looked-up
// and embedding-without-indices. Freestanding.
#pragma once

#include <quench/misuse/finding.hpp>

namespace quench::misuse {

namespace detail {

constexpr bool has_operand_in(const Graph& graph, const Node& node, bool quantized) {
  for (int i = 0; i < node.operand_count; ++i) {
    const Domain domain = graph.operand_node(node, i).domain;  // indices need no stub
    if ((domain == Domain::Quantized || domain == Domain::Indices) == quantized) return true;
  }
  return false;
}

// What is known of a node while stubs are checked.
struct StubMark {
  bool on_the_way = false;          // to the current DeQuantStub
  bool missing_quant_stub = false;  // already found
};

// For a DeQuantStub with a float operand: the first layer with parameters on the way to the stub, but after any other
// DeQuantStub. Without such a layer, the stub itself.
constexpr int first_float_layer(const Graph& graph, int stub, StubMark* mark) {
  for (int n = 0; n <= stub; ++n) mark[n].on_the_way = n == stub;
  int first = stub;
  for (int n = stub; n >= 0; --n) {
    const Node& node = graph.nodes[n];
    if (!mark[n].on_the_way || (n != stub && node.op == Operator::DeQuantStub)) continue;
    if (is_trained(node.op)) first = n;
    for (int i = 0; i < node.operand_count; ++i) mark[graph.operand(node, i)].on_the_way = true;
  }
  return first;
}

// The first layer with parameters that forward calls; without one, the last module.
constexpr int first_layer(const Graph& graph) {
  for (int n = 0; n < graph.node_count; ++n) {
    const Operator op = graph.nodes[n].op;
    if (op != Operator::Input && op != Operator::DeQuantStub && !is_shape_function(op)) return n;
  }
  return graph.node_count - 1;
}

constexpr bool has_quant_stub(const Graph& graph) {  // or an Embedding
  for (int n = 0; n < graph.node_count; ++n)
    if (row_of(graph.nodes[n].op).begins_quantized) return true;
  return false;
}

constexpr void find_missing_quant_stubs(const Graph& graph, StubMark* mark, Findings& findings) {
  if (!has_quant_stub(graph)) {
    mark[first_layer(graph)].missing_quant_stub = true;
  } else {
    for (int n = 0; n < graph.node_count; ++n) {
      const Node& node = graph.nodes[n];
      if (!has_operand_in(graph, node, false) || row_of(node.op).begins_quantized) continue;
      if (node.op == Operator::DeQuantStub)
        mark[first_float_layer(graph, n, mark)].missing_quant_stub = true;
      else if (has_operand_in(graph, node, true))
        mark[n].missing_quant_stub = true;
    }
  }
  const auto offends = [&](const Node& node) { return mark[&node - graph.nodes].missing_quant_stub; };
  add_once_per_module(graph, findings, offends,
                      [&](const Node& node) { return Finding(Mistake::MissingQuantStub, graph, node); });
}

constexpr void find_missing_dequant_stubs(const Graph& graph, Findings& findings) {
  for (int i = 0; i < graph.output_count; ++i) {
    const auto after = [&](int output) {
      int n = graph.outputs[output];
      while (is_shape_function(graph.nodes[n].op)) n = graph.operand(graph.nodes[n], 0);
      return n;
    };
    const Node& node = graph.nodes[after(i)];
    bool seen = false;
    for (int earlier = 0; earlier < i && !seen; ++earlier) {
      const Node& other = graph.nodes[after(earlier)];
      seen = &other == &node || (node.module >= 0 && other.module == node.module);
    }
    if (node.domain == Domain::Quantized && !seen) findings.add(Finding(Mistake::MissingDequantStub, graph, node));
  }
}

// Indices that go to another operator than a lookup, or out of the network; and lookups of something else.
constexpr void find_index_mistakes(const Graph& graph, Findings& findings) {
  bool has_some = false;
  for (int i = 0; i < graph.input_count; ++i) has_some |= graph.nodes[graph.inputs[i]].domain == Domain::Indices;
  for (int m = 0; m < graph.module_count; ++m) has_some |= family_of(graph.modules[m].op) == Family::Lookup;
  if (!has_some) return;
  const auto takes_indices = [&](const Node& node) {
    if (family_of(node.op) == Family::Lookup || node.module < -1) return false;  // operator-has-no-scale
    for (int i = 0; i < node.operand_count; ++i) {
      const Node& x = graph.operand_node(node, i);
      if (x.op == Operator::Input && x.domain == Domain::Indices) return true;
    }
    return false;
  };
  add_once_per_module(graph, findings, takes_indices,
                      [&](const Node& node) { return Finding(Mistake::IndicesNotLookedUp, graph, node); });
  bool returned = false;
  for (int i = 0; i < graph.output_count; ++i) {
    const Node& output = graph.nodes[graph.outputs[i]];
    returned |= output.op == Operator::Input && output.domain == Domain::Indices;
  }
  if (returned) findings.add(Finding(Mistake::IndicesNotLookedUp, "forward"));
  const auto has_none = [&](const Node& node) {
    return family_of(node.op) == Family::Lookup && graph.operand_node(node, 0).domain != Domain::Indices;
  };
  add_once_per_module(graph, findings, has_none,
                      [&](const Node& node) { return Finding(Mistake::EmbeddingWithoutIndices, graph, node); });
}

}  // namespace detail

/// `mark` has a default-constructed entry for each node.
constexpr void find_stub_mistakes(const Graph& graph, detail::StubMark* mark, Findings& findings) {
  detail::find_missing_quant_stubs(graph, mark, findings);
  detail::find_missing_dequant_stubs(graph, findings);
  detail::find_index_mistakes(graph, findings);

  const auto input_of = [&](const Node& stub) -> const Node& { return graph.operand_node(stub, 0); };
  const auto quantizes_twice = [&](const Node& node) {
    return node.op == Operator::QuantStub && input_of(node).domain == Domain::Quantized;
  };
  add_once_per_module(graph, findings, quantizes_twice,
                      [&](const Node& node) { return Finding(Mistake::AlreadyQuantized, graph, node); });

  const auto takes_wrong_color = [&](const Node& node) {
    if (node.op != Operator::QuantStub) return false;
    const ColorFormat color = input_of(node).color;
    return color != ColorFormat::None && !is_centered(color);
  };
  add_once_per_module(graph, findings, takes_wrong_color, [&](const Node& node) {
    Finding finding(Mistake::InputNotCenteredYuv444, graph, node);
    finding.color = input_of(node).color;
    return finding;
  });
}

}  // namespace quench::misuse
