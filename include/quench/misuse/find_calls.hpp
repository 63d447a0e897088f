// SPDX-License-Identifier: Apache-2.0
// Finds functional-called-once, module-called-once, module-never-called, module-not-a-member, operator-has-no-scale,
// tensor-has-no-values, cat-takes-no-axis, input-never-used and result-never-used. Freestanding.
#pragma once

#include <quench/misuse/finding.hpp>

namespace quench::misuse {

namespace detail {

// True if the module is called more often than it may be. Only the quantized region has output scales, so other calls
// of a layer without parameters do not count.
constexpr bool is_called_too_often(const Graph& graph, int module) {
  const Operator op = graph.modules[module].op;
  if (op == Operator::FloatFunctional || op == Operator::QuantStub || is_trained(op))
    return graph.modules[module].calls > 1;
  int calls = 0;
  for (int n = 0; n < graph.node_count && owns_output_scale(op); ++n)
    calls += graph.nodes[n].module == module && graph.nodes[n].domain == Domain::Quantized;
  return calls > 1;
}

// The outermost block around `module` in which no module is called, cut from the name of `module`; or that name. The
// modules of a block are adjacent in the list. `end` becomes the first index after the block.
constexpr TextView uncalled_block(const Graph& graph, int module, int& end) {
  const TextView name = graph.modules[module].name;
  for (int size = 0; size < name.size; ++size) {
    if (name[size] != '.') continue;
    const TextView block(name.data, size);
    const auto inside = [&](int m) { return graph.modules[m].name.is_inside(block); };
    if (module > 0 && inside(module - 1)) continue;  // the module before has already checked the block
    end = module;
    bool called = false;
    while (end < graph.module_count && inside(end) && !called) called = graph.modules[end++].calls > 0;
    if (!called && end - module > 1) return block;
  }
  end = module + 1;
  return name;
}

}  // namespace detail

constexpr void find_call_mistakes(const Graph& graph, Findings& findings) {
  bool compares = false;  // then some calls may depend on the comparison
  for (int n = 0; n < graph.node_count; ++n) compares |= graph.nodes[n].module == Node::by_comparison;
  for (int m = 0; m < graph.module_count;) {
    const Module& module = graph.modules[m];
    int next = m + 1;
    if (module.calls == 0) {
      const TextView block = detail::uncalled_block(graph, m, next);
      if (!compares) findings.add(Finding(Mistake::ModuleNeverCalled, block));
    } else if (module.calls > 1 && detail::is_called_too_often(graph, m)) {
      const bool functional = module.op == Operator::FloatFunctional;
      Finding finding(functional ? Mistake::FunctionalCalledOnce : Mistake::ModuleCalledOnce, module.name);
      finding.number = module.calls;
      for (int n = 0; n < graph.node_count; ++n)
        if (graph.nodes[n].module == m) finding.add_line(graph.nodes[n].line);
      findings.add(finding);
    }
    m = next;
  }
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    const bool needs_name = is_trained(node.op) || owns_output_scale(node.op);
    if (node.module == Node::by_operator) {
      findings.add(Finding(Mistake::OperatorHasNoScale, graph, node));
    } else if (node.module == Node::by_comparison) {
      Finding finding(Mistake::TensorHasNoValues, graph, node);
      finding.name = graph.name_of_node(graph.operand_node(node, 0));
      findings.add(finding);
    } else if (node.module < 0 && needs_name) {
      findings.add(Finding(Mistake::ModuleNotAMember, graph, node));
    }
  }
}

constexpr void find_axes_of_cat(const Graph& graph, Findings& findings) {
  const auto has_axis = [](const Node& node) { return node.op == Operator::Cat && node.settings.begin[0] > 0; };
  add_once_per_module(graph, findings, has_axis,
                      [&](const Node& node) { return Finding(Mistake::CatTakesNoAxis, graph, node); });
}

/// An unused result is often the consequence of another mistake, which is then reported alone.
constexpr void find_unused_values(const Graph& graph, Findings& findings) {
  const auto is_unused = [](const Node& node) { return node.users == 0 && node.op != Operator::Input; };
  if (findings.count == 0)
    add_once_per_module(graph, findings, is_unused,
                        [&](const Node& node) { return Finding(Mistake::ResultNeverUsed, graph, node); });
  for (int i = 0; i < graph.input_count; ++i) {
    if (graph.nodes[graph.inputs[i]].users > 0) continue;
    Finding finding(Mistake::InputNeverUsed, name_of(Operator::Input));
    finding.number = i;
    findings.add(finding);
  }
}

}  // namespace quench::misuse
