// SPDX-License-Identifier: Apache-2.0
// Finds the mistakes of a setter for a network: qconfig-names-no-module, qconfig-outside-quantized-region,
// rule-without-effect, module-without-qconfig, output-not-high-precision, high-precision-not-output,
// weight-axis-not-output-channels, activation-per-channel. Freestanding.
#pragma once

#include <quench/misuse/finding.hpp>
#include <quench/network/setter_rules.hpp>

namespace quench::misuse {

namespace detail {

// The module whose scale `module` uses: the nearest producer of its input that takes a qconfig. "" if there is none.
constexpr TextView producer_of(const Graph& graph, int module) {
  const Node* node = &graph.nodes[graph.modules[module].node];
  while (!takes_qconfig(node->op) && node->operand_count > 0) node = &graph.operand_node(*node, 0);
  return takes_qconfig(node->op) ? graph.name_of_node(*node) : TextView{};
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
  bool is_declared = false, is_called = false;
  int without_scale = -1;  // a module of the quantized region that owns no scale
  for (int m = 0; m < graph.module_count; ++m) {
    if (!is_named(graph, m, name)) continue;
    is_declared = true;
    if (graph.modules[m].node < 0) continue;
    is_called = true;
    const Operator op = graph.nodes[graph.modules[m].node].op;
    if (is_quantized(graph, m) && takes_qconfig(op)) return;
    if (is_quantized(graph, m) || op == Operator::DeQuantStub) without_scale = m;
  }
  if (is_declared && !is_called) return;  // find_calls.hpp reports module-never-called
  if (is_called && without_scale < 0) {
    findings.add(Finding(Mistake::QConfigOutsideQuantizedRegion, name));
    return;
  }
  Finding finding(Mistake::QConfigNamesNoModule, name);
  if (without_scale >= 0) finding.other = producer_of(graph, without_scale);
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

// True if a rule decides for a module. No rule decides the dtype of an image.
constexpr bool decides(const Graph& graph, const SetterRule* rules, const SetterDecision* decisions, int rule,
                       int module) {
  return decisions[module].rule == rule &&
         (!is_image_stub(graph, graph.nodes[graph.modules[module].node]) || rules[rule].activation == DType::Int8);
}

// True if a rule is the first one for a module, if only for the stub of an image.
constexpr bool is_first(const Graph& graph, const SetterDecision* decisions, int rule) {
  for (int m = 0; m < graph.module_count; ++m)
    if (decisions[m].rule == rule) return true;
  return false;
}

// True if a module can keep its accumulator as an output.
constexpr bool can_be_high(const Graph& graph, int module, const bool* is_output) {
  const int n = graph.modules[module].node;
  return is_quantized(graph, module) && row_of(graph.nodes[n].op).has_accumulator && is_output[n];
}

// Adds a finding for a rule that decides for no module of its kind.
constexpr void find_kind_without_effect(const Graph& graph, Operator kind, bool only_for_image, Findings& findings) {
  bool is_declared = false, is_called = false, owns_no_scale = false, takes_rule = false;
  for (int m = 0; m < graph.module_count; ++m) {
    if (graph.modules[m].op != kind) continue;
    is_declared = true;
    if (graph.modules[m].node < 0) continue;
    is_called = true;
    const Operator op = graph.nodes[graph.modules[m].node].op;
    takes_rule |= is_quantized(graph, m) && takes_qconfig(op);
    owns_no_scale |= is_quantized(graph, m) || op == Operator::DeQuantStub;
  }
  if (is_declared && !is_called) return;  // find_calls.hpp reports module-never-called
  Finding finding(Mistake::RuleWithoutEffect, name_of(kind));
  finding.no_effect = !is_declared     ? NoEffect::NoModuleOfThisKind
                      : only_for_image ? NoEffect::CodesOfAnImage
                      : takes_rule     ? NoEffect::AnEarlierRuleDecides
                      : owns_no_scale  ? NoEffect::OwnsNoScale
                                       : NoEffect::OutsideQuantizedRegion;
  findings.add(finding);
}

// A rule that speaks of whatever suits it may find nothing, so that a setter fits many networks. But it has no effect
// in any network after `Everything` or its like.
constexpr bool is_late(const SetterRule* rules, int rule) {
  for (int r = 0; r < rule; ++r)
    if (rules[r].subject == SetterRule::Subject::Everything || rules[r].subject == rules[rule].subject) return true;
  return false;
}

constexpr TextView name_of_rule(const SetterRule& rule) {
  switch (rule.subject) {
    case SetterRule::Subject::Name:
    case SetterRule::Subject::AllowLowPrecision: return rule.name;
    case SetterRule::Subject::Kind: return name_of(rule.kind);
    case SetterRule::Subject::HighPrecision:
    case SetterRule::Subject::Int16Output: return "HighPrecisionOutput";
    case SetterRule::Subject::WhereInt16Supported: return "WhereInt16Supported";
    case SetterRule::Subject::Everything: return "Everything";
  }
  return {};
}

// Adds a finding if a rule decides nothing. Names have been looked up before.
constexpr void find_rule_without_effect(const Graph& graph, const SetterRule* rules, const SetterDecision* decisions,
                                        const bool* is_output, const bool* is_int16_output, int rule,
                                        Findings& findings) {
  const auto add = [&](NoEffect why) {
    Finding finding(Mistake::RuleWithoutEffect, name_of_rule(rules[rule]));
    finding.no_effect = why;
    findings.add(finding);
  };
  for (int m = 0; m < graph.module_count; ++m)
    if (is_quantized(graph, m) && decides(graph, rules, decisions, rule, m)) return;
  const bool only_for_image = is_first(graph, decisions, rule);
  switch (rules[rule].subject) {
    case SetterRule::Subject::Name:
      if (only_for_image) return add(NoEffect::CodesOfAnImage);
      if (has_module(graph, rules[rule].name)) {
        Finding finding(Mistake::QConfigNamesNoModule, rules[rule].name);
        finding.number = 1;  // earlier rules decide for every module that this rule names
        findings.add(finding);
      }
      return;
    case SetterRule::Subject::Kind: return find_kind_without_effect(graph, rules[rule].kind, only_for_image, findings);
    case SetterRule::Subject::AllowLowPrecision: {
      bool can = false;
      for (int m = 0; m < graph.module_count; ++m) {
        if (!is_named(graph, m, rules[rule].name) || !is_quantized(graph, m)) continue;
        const bool can_be_int32 = can_be_high(graph, m, is_output);
        if (!can_be_int32 && !is_int16_output[graph.modules[m].node]) continue;
        if (decisions[m].activation != (can_be_int32 ? DType::Int32 : DType::Int16)) return;
        can = true;
      }
      return add(can ? NoEffect::HasHighPrecision : NoEffect::NotAnOutputOfHighPrecision);
    }
    case SetterRule::Subject::Int16Output: return;  // it follows HighPrecision, which is reported
    case SetterRule::Subject::HighPrecision:
    case SetterRule::Subject::WhereInt16Supported:
    case SetterRule::Subject::Everything:
      if (is_late(rules, rule)) add(NoEffect::AnEarlierRuleDecides);
  }
}

}  // namespace detail

/// `quench::decide` fills `decisions` and the marks of nodes.
constexpr void find_setter_mistakes(const Graph& graph, const SetterRule* rules, int rule_count,
                                    const SetterDecision* decisions, const bool* is_output, const bool* is_int16_output,
                                    Findings& findings) {
  bool misses_high_precision = false;  // the rule comes too late, and that is the mistake
  for (int r = 0; r < rule_count; ++r) {
    const int before = findings.count;
    const SetterRule::Subject subject = rules[r].subject;
    if (subject == SetterRule::Subject::Name || subject == SetterRule::Subject::AllowLowPrecision)
      detail::find_name_mistake(graph, rules[r].name, findings);
    if (findings.count > before) continue;
    detail::find_rule_without_effect(graph, rules, decisions, is_output, is_int16_output, r, findings);
    misses_high_precision |= findings.count > before && subject == SetterRule::Subject::HighPrecision;
  }
  detail::find_axis_mistakes(graph, rules, rule_count, decisions, findings);
  for (int m = 0; m < graph.module_count; ++m) {
    if (!is_quantized(graph, m)) continue;
    const Node& node = graph.nodes[graph.modules[m].node];
    if (!takes_qconfig(node.op)) continue;
    const bool can_be_high = detail::can_be_high(graph, m, is_output);
    if (decisions[m].rule < 0)
      findings.add(Finding(Mistake::ModuleWithoutQConfig, graph, node));
    else if (decisions[m].activation == DType::Int32 && !can_be_high)
      findings.add(Finding(Mistake::HighPrecisionNotOutput, graph, node));
    else if (decisions[m].activation != DType::Int32 && can_be_high && !misses_high_precision &&
             graph.modules[m].tied_scale < 0 && !allows_low_precision(graph, rules, rule_count, m))
      findings.add(Finding(Mistake::OutputNotHighPrecision, graph, node));
  }
}

}  // namespace quench::misuse
