// SPDX-License-Identifier: Apache-2.0
// Finds tied-scale-does-not-match and tied-scale-needs-one-qconfig. Freestanding.
#pragma once

#include <quench/misuse/finding.hpp>
#include <quench/network/setter_rules.hpp>

namespace quench::misuse {

namespace detail {

/// The modules that a name in a TiedScale stands for.
struct TiedName {
  NamedModules modules;
  bool is_declared, is_called = false, has_scale = false;

  constexpr TiedName(const Graph& graph, TextView name)
      : modules(graph, name), is_declared(modules.begin < modules.end) {
    for (int m = modules.begin; m < modules.end; ++m) {
      is_called |= graph.modules[m].node >= 0;
      has_scale |= finds_scale(graph, m);
    }
  }
};

/// The first module of a block, with a scale, that has no partner with a scale; -1 if there is none.
constexpr int first_without_partner(const Graph& graph, const NamedModules& block, const NamedModules& other) {
  for (int m = block.begin; m < block.end; ++m) {
    if (!finds_scale(graph, m)) continue;
    const int partner = scale_partner(graph, m, block, other);
    if (partner < 0 || !finds_scale(graph, partner)) return m;
  }
  return -1;
}

/// True if a tie stands before, in this TiedScale or in another, or ties a name to itself.
constexpr bool names_twice(const Graph& graph, int tie) {
  const NamedTie& given = graph.ties[tie];
  if (given.first == given.second) return true;
  for (int earlier = 0; earlier < tie; ++earlier)
    if (graph.ties[earlier].is_of_scale && graph.ties[earlier].first == given.first &&
        graph.ties[earlier].second == given.second)
      return true;
  return false;
}

}  // namespace detail

constexpr void find_tied_scale_mistakes(const Graph& graph, Findings& findings) {
  for (int t = 0; t < graph.tie_count; ++t) {
    const NamedTie& tie = graph.ties[t];
    if (!tie.is_of_scale) continue;
    const auto add = [&](NoScale why, TextView name, TextView other) {
      Finding finding(Mistake::TiedScaleDoesNotMatch, name);
      finding.other = other;
      finding.no_scale = why;
      findings.add(finding);
    };
    const detail::TiedName first(graph, tie.first), second(graph, tie.second);
    if (!first.is_declared)
      add(NoScale::NoSuchMember, tie.first, tie.second);
    else if (!second.is_declared)
      add(NoScale::NoSuchMember, tie.second, tie.first);
    else if (detail::names_twice(graph, t))
      add(NoScale::NamedTwice, tie.second, tie.first);
    else if (!first.is_called || !second.is_called)
      continue;  // find_calls.hpp reports a module that is never called
    else if (!first.has_scale)
      add(NoScale::NoScaleOfItsOwn, tie.first, tie.second);
    else if (!second.has_scale)
      add(NoScale::NoScaleOfItsOwn, tie.second, tie.first);
    else if (const int m = detail::first_without_partner(graph, first.modules, second.modules); m >= 0)
      add(NoScale::OtherBlockLacksIt, graph.modules[m].name, tie.second);
    else if (const int other = detail::first_without_partner(graph, second.modules, first.modules); other >= 0)
      add(NoScale::OtherBlockLacksIt, graph.modules[other].name, tie.first);
  }
}

/// `quantizers[r]` identifies the fake-quantizers that rule r of the setter gives to outputs.
constexpr void find_tied_qconfig_mistakes(const Graph& graph, const SetterDecision* decisions,
                                          const char* const* quantizers, Findings& findings) {
  for (int m = 0; m < graph.module_count; ++m) {
    const int owner = scale_owner(graph, m);
    if (owner == m || decisions[owner].rule < 0 || decisions[m].rule < 0) continue;
    if (quantizers[decisions[owner].rule] == quantizers[decisions[m].rule] && decisions[m].activation != DType::Int32)
      continue;
    Finding finding(Mistake::TiedScaleNeedsOneQConfig, graph.modules[owner].name);
    finding.other = graph.modules[m].name;
    findings.add(finding);
  }
}

}  // namespace quench::misuse
