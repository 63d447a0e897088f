// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/graphviz.hpp>

#include <string>
#include <string_view>

#include <quench/report/markup.hpp>
#include <quench/report/table.hpp>

namespace quench::detail {

QUENCH_INLINE std::string graphviz_text(const Graph& graph, std::string_view network, const Summary& summary) {
  std::string out = "digraph \"" + dot_text(network) +
                    "\" {\n  node [shape=box, style=\"rounded,filled\", fillcolor=white, color=\"#5d6b78\", "
                    "fontname=\"Helvetica\", fontsize=10];\n  edge [color=\"#5d6b78\", arrowsize=0.6];\n";
  auto row = summary.rows.begin();
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    const std::string name = execution::name_of(graph, n), op = tensors::text(name_of(node.op));
    std::string label = dot_text(name);
    if (name != op) label += "\\n" + dot_text(op);
    label += "\\n" + text(node.shape);
    if (node.op != Operator::Input) {
      label += ", " + text(row->dtype);
      if (!row->scales.empty()) label += "\\nscale " + text_of_scales(row->scales);
      ++row;
    }
    std::string id = "n";
    id += std::to_string(n);
    out += "  " + id + " [label=\"" + label + "\"";
    if (node.domain == Domain::Quantized) out += ", fillcolor=\"#dbe8f4\"";
    out += "];\n";
    for (int i = 0; i < node.operand_count; ++i)
      out += "  n" + std::to_string(graph.operand(node, i)) + " -> " + id + ";\n";
  }
  return out + "}\n";
}

}  // namespace quench::detail
