// SPDX-License-Identifier: Apache-2.0
// Finds the mistakes of a setter for a network: qconfig-names-no-module, qconfig-outside-quantized-region,
// module-without-qconfig, output-not-high-precision, high-precision-not-output, weight-axis-not-output-channels,
// activation-per-channel. Freestanding.
#pragma once

#include <quench/misuse/finding.hpp>
#include <quench/network/setter_rules.hpp>

namespace quench::misuse {

namespace detail {

// The module whose scale `module` uses: the nearest producer of its input that takes a qconfig.
constexpr TextView producer_of(const Graph& graph, int module) {
  int node = graph.modules[module].node;
  while (node >= 0 && !takes_qconfig(graph.nodes[node].op) && graph.nodes[node].operand_count > 0)
    node = graph.operand(graph.nodes[node], 0);
  return node >= 0 ? graph.name_of_node(graph.nodes[node]) : TextView{};
}

// True if the name is that of a module with a scale, or of a block with such a module.
constexpr bool has_module(const Graph& graph, TextView name) {
  for (int m = 0; m < graph.module_count; ++m)
    if (is_named(graph, m, name) && is_quantized(graph, m) && takes_qconfig(graph.nodes[graph.modules[m].node].op))
      return true;
  return false;
}

// Adds a finding if a rule by name can apply to no module.
constexpr void find_name_mistake(const Graph& graph, TextView name, Findings& findings) {
  int named = -1;
  bool outside = true;
  for (int m = 0; m < graph.module_count; ++m) {
    if (!is_named(graph, m, name)) continue;
    named = m;
    if (!is_quantized(graph, m)) {
      // A DeQuantStub belongs to the quantized region, but owns no scale.
      if (graph.modules[m].op == Operator::DeQuantStub) outside = false;
      continue;
    }
    outside = false;
    if (takes_qconfig(graph.nodes[graph.modules[m].node].op)) return;
  }
  if (named >= 0 && graph.modules[named].node >= 0 && outside) {
    findings.add(Finding(Mistake::QConfigOutsideQuantizedRegion, name));
    return;
  }
  if (named >= 0 && graph.modules[named].node < 0) return;  // find_calls.hpp reports module-never-called
  Finding finding(Mistake::QConfigNamesNoModule, name);
  if (named >= 0 && graph.modules[named].node >= 0) finding.other = producer_of(graph, named);
  findings.add(finding);
}

// The axis of the weight's scales if it is a wrong one.
constexpr ScaleAxis wrong_weight_axis(const SetterRule& rule, const Node& node) {
  const Shape weight = weight_shape(node);
  for (const ScaleAxis& form : rule.weight_axis)
    if (weight.rank > 0 && form.per_channel && form.from_front(weight.rank) != 0) return form;
  return {};
}

// The axis of an activation's scales if the qconfig gives it more than one scale.
constexpr ScaleAxis wrong_activation_axis(const SetterRule& rule, const Graph& graph, const Node& node) {
  if (is_image_stub(graph, node)) return {};  // its scale is 1/128 whatever the qconfig
  for (const ScaleAxis& form : rule.activation_axis)
    if (form.per_channel) return form;
  return {};
}

// A qconfig with a wrong axis is one mistake, however many modules have it. The finding names the first module.
constexpr void find_axis_mistakes(const Graph& graph, const SetterRule* rules, int rule_count,
                                  const SetterDecision* decisions, Findings& findings) {
  for (int r = 0; r < rule_count; ++r) {
    const auto add_first = [&](Mistake mistake, auto wrong_axis) {
      for (int m = 0; m < graph.module_count; ++m) {
        if (decisions[m].rule != r) continue;
        const Node& node = graph.nodes[graph.modules[m].node];
        const ScaleAxis wrong = wrong_axis(node);
        if (!wrong.per_channel) continue;
        Finding finding(mistake, graph, node);
        finding.number = wrong.axis;
        return findings.add(finding);
      }
    };
    add_first(Mistake::WeightAxisNotOutputChannels,
              [&](const Node& node) { return wrong_weight_axis(rules[r], node); });
    add_first(Mistake::ActivationPerChannel,
              [&](const Node& node) { return wrong_activation_axis(rules[r], graph, node); });
  }
}

}  // namespace detail

/// `quench::decide` fills `decisions` and `is_output`.
constexpr void find_setter_mistakes(const Graph& graph, const SetterRule* rules, int rule_count,
                                    const SetterDecision* decisions, const bool* is_output, Findings& findings) {
  const auto is_allowed = [&](int module) {
    for (int r = 0; r < rule_count; ++r)
      if (rules[r].subject == SetterRule::Subject::AllowLowPrecision && is_named(graph, module, rules[r].name))
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
    finding.number = 1;  // earlier rules decide for every module that this rule names
    findings.add(finding);
  }
  detail::find_axis_mistakes(graph, rules, rule_count, decisions, findings);
  for (int m = 0; m < graph.module_count; ++m) {
    if (!is_quantized(graph, m)) continue;
    const int n = graph.modules[m].node;
    const Node& node = graph.nodes[n];
    if (!takes_qconfig(node.op)) continue;
    const bool can_be_high = row_of(node.op).has_accumulator && is_output[n];
    if (decisions[m].rule < 0)
      findings.add(Finding(Mistake::ModuleWithoutQConfig, graph, node));
    else if (decisions[m].activation == DType::Int32 && !can_be_high)
      findings.add(Finding(Mistake::HighPrecisionNotOutput, graph, node));
    else if (decisions[m].activation != DType::Int32 && can_be_high && !is_allowed(m))
      findings.add(Finding(Mistake::OutputNotHighPrecision, graph, node));
  }
}

}  // namespace quench::misuse
