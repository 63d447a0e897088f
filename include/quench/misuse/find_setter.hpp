// SPDX-License-Identifier: Apache-2.0
// What is wrong between a setter and a network: qconfig-names-no-module, qconfig-outside-quantized-region,
// module-without-qconfig, output-not-high-precision, high-precision-not-output. Freestanding.
#pragma once

#include <quench/misuse/finding.hpp>
#include <quench/network/setter_rules.hpp>

namespace quench::misuse {

namespace detail {

// The module that owns the scale which `module` works at: the producer of its input, looking through all that own none.
constexpr TextView producer_of(const Graph& graph, int module) {
  int node = graph.modules[module].node;
  while (node >= 0 && !owns_output_scale(graph.nodes[node].op) && graph.nodes[node].operand_count > 0)
    node = graph.operand(graph.nodes[node], 0);
  return node >= 0 ? graph.name_of_node(graph.nodes[node]) : TextView{};
}

// Whether a name is that of a module that has a scale, or of a block with such a module.
constexpr bool has_module(const Graph& graph, TextView name) {
  for (int m = 0; m < graph.module_count; ++m)
    if (quench::detail::is_named(graph, m, name) && quench::detail::is_quantized(graph, m) &&
        owns_output_scale(graph.nodes[graph.modules[m].node].op))
      return true;
  return false;
}

// Whether a rule by name finds a module that can follow it, and if not, why.
constexpr void find_name_mistake(const Graph& graph, TextView name, Findings& findings) {
  int named = -1;
  bool outside = true;
  for (int m = 0; m < graph.module_count; ++m) {
    if (!quench::detail::is_named(graph, m, name)) continue;
    named = m;
    if (!quench::detail::is_quantized(graph, m)) {
      // A DeQuantStub belongs to the region, but owns nothing.
      if (graph.modules[m].op == Operator::DeQuantStub) outside = false;
      continue;
    }
    outside = false;
    if (owns_output_scale(graph.nodes[graph.modules[m].node].op)) return;
  }
  if (named >= 0 && graph.modules[named].node >= 0 && outside) {
    findings.add(Finding(Mistake::QConfigOutsideQuantizedRegion, name));
    return;
  }
  if (named >= 0 && graph.modules[named].node < 0) return;  // module-never-called says so
  Finding finding(Mistake::QConfigNamesNoModule, name);
  if (named >= 0 && graph.modules[named].node >= 0) finding.other = producer_of(graph, named);
  findings.add(finding);
}

}  // namespace detail

/// `decisions`, `is_output` are what `quench::decide` fills.
constexpr void find_setter_mistakes(const Graph& graph, const SetterRule* rules, int rule_count,
                                    const SetterDecision* decisions, const bool* is_output, Findings& findings) {
  const auto is_allowed = [&](int module) {
    for (int r = 0; r < rule_count; ++r)
      if (rules[r].subject == SetterRule::Subject::AllowLowPrecision &&
          quench::detail::is_named(graph, module, rules[r].name))
        return true;
    return false;
  };
  const auto decides = [&](int rule) {
    for (int m = 0; m < graph.module_count; ++m)
      if (decisions[m].rule == rule) return true;
    return false;
  };
  for (int r = 0; r < rule_count; ++r) {
    const bool gives_qconfig = rules[r].subject == SetterRule::Subject::Name;
    if (!gives_qconfig && rules[r].subject != SetterRule::Subject::AllowLowPrecision) continue;
    const int before = findings.count;
    detail::find_name_mistake(graph, rules[r].name, findings);
    if (!gives_qconfig || findings.count > before || decides(r) || !detail::has_module(graph, rules[r].name)) continue;
    Finding finding(Mistake::QConfigNamesNoModule, rules[r].name);
    finding.number = 1;  // an earlier rule speaks of all that it names
    findings.add(finding);
  }
  for (int m = 0; m < graph.module_count; ++m) {
    if (!quench::detail::is_quantized(graph, m)) continue;
    const int n = graph.modules[m].node;
    const Node& node = graph.nodes[n];
    if (!owns_output_scale(node.op)) continue;
    const bool can_be_high = quench::detail::has_accumulator(node.op) && is_output[n];
    if (decisions[m].rule < 0)
      findings.add(Finding(Mistake::ModuleWithoutQConfig, graph, node));
    else if (decisions[m].activation == DType::Int32 && !can_be_high)
      findings.add(Finding(Mistake::HighPrecisionNotOutput, graph, node));
    else if (decisions[m].activation != DType::Int32 && can_be_high && !is_allowed(m))
      findings.add(Finding(Mistake::OutputNotHighPrecision, graph, node));
  }
}

}  // namespace quench::misuse
