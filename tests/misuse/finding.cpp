// SPDX-License-Identifier: Apache-2.0
#include <quench/misuse/finding.hpp>

#include <doctest/doctest.h>

#include "mistakes.hpp"

namespace q = quench;
using q::misuse::Finding;
using q::misuse::Findings;
using q::misuse::Mistake;

namespace {

// Nodes of modules 0, 1, 0, free, free, all of which offend, except where `spare` says otherwise.
constexpr int count_once(int spare) {
  q::Node nodes[5];
  q::Graph graph;
  const q::Module modules[2];
  // Each element is written: g++ 12 forgets the defaults of an array that a constexpr function writes to only in part.
  constexpr int module[] = {0, 1, 0, -1, -1};
  for (int n = 0; n < 5; ++n) nodes[n].module = module[n];
  graph.nodes = nodes;
  graph.node_count = 5;
  graph.modules = modules;
  Findings findings;
  q::misuse::add_once_per_module(
      graph, findings, [&](const q::Node& node) { return &node != &nodes[spare]; },
      [&](const q::Node& node) { return Finding(Mistake::ShapeMismatch, graph, node); });
  return findings.count;
}

constexpr bool counts_a_module_once_and_a_free_function_each_time() {
  return count_once(0) == 4 && count_once(1) == 3 && count_once(2) == 4 && count_once(3) == 3;
}

constexpr bool holds_the_first_lines_only() {
  Finding finding(Mistake::FunctionalCalledOnce, "add");
  for (int line : {0, 1, 8, 9, 10, 11}) finding.add_line(line);
  return finding.line_count == q::misuse::max_lines && finding.lines[0] == 1 && finding.lines[3] == 10;
}

constexpr bool counts_without_an_array() {
  Findings count;
  count.add(Finding(Mistake::ShapeMismatch, "a"));
  count.add(Finding(Mistake::ShapeMismatch, "b"));
  Finding found[2];
  Findings findings{found, 0};
  findings.add(Finding(Mistake::ShapeMismatch, "a"));
  findings.add(Finding(Mistake::ShapeMismatch, "b"));
  return count.count == 2 && findings.count == 2 && found[1].name == q::TextView("b");
}

}  // namespace

static_assert(counts_a_module_once_and_a_free_function_each_time());
static_assert(holds_the_first_lines_only());
static_assert(counts_without_an_array());

TEST_CASE("one finding for each module, and for each call of a free function") {
  CHECK(counts_a_module_once_and_a_free_function_each_time());
}
TEST_CASE("a finding keeps its first lines") { CHECK(holds_the_first_lines_only()); }
TEST_CASE("findings are counted first and written then") { CHECK(counts_without_an_array()); }

TEST_CASE("one mistake in an array of blocks is one, two elements of an array of layers are two") {
  namespace misuse = quench::misuse;
  const auto at = [](quench::TextView name, int line, int number) {
    misuse::Finding finding(misuse::Mistake::SettingOutOfRange, name);
    finding.add_line(line);
    finding.number = number;
    return finding;
  };
  CHECK(misuse::are_one_mistake(at("blocks.0.conv", 7, 3), at("blocks.11.conv", 7, 3)));
  CHECK(misuse::are_one_mistake(at("convs.0", 7, 3), at("convs.1", 7, 3)));  // one call in a loop
  CHECK(!misuse::are_one_mistake(at("blocks.0.conv", 7, 3), at("blocks.1.conv", 7, 4)));
  CHECK(!misuse::are_one_mistake(at("blocks.0.conv", 7, 3), at("blocks.1.conv", 8, 3)));
  CHECK(!misuse::are_one_mistake(at("blocks.0.conv", 7, 3), at("blocks.0.conv1", 7, 3)));
  CHECK(!misuse::are_one_mistake(at("blocks.0.conv1", 7, 3), at("blocks.0.conv2", 7, 3)));
  CHECK(!misuse::are_one_mistake(at("blocks.a", 7, 3), at("blocks.0a", 7, 3)));
  CHECK(!misuse::are_one_mistake(at("a.conv", 7, 3), at("b.conv", 7, 3)));
}

TEST_CASE("without a line, two modules are one mistake only in the code of one block") {
  namespace misuse = quench::misuse;
  const auto named = [](Mistake mistake, q::TextView name, q::TextView other = {}) {
    misuse::Finding finding(mistake, name);
    finding.other = other;
    return finding;
  };
  const auto never = Mistake::ModuleNeverCalled, tie = Mistake::TieDoesNotMatch;
  CHECK(!misuse::are_one_mistake(named(never, "convs.0"), named(never, "convs.1")));
  CHECK(misuse::are_one_mistake(named(never, "blocks.0.conv"), named(never, "blocks.1.conv")));
  CHECK(misuse::are_one_mistake(named(never, "blocks.0.convs.1"), named(never, "blocks.1.convs.1")));
  CHECK(!misuse::are_one_mistake(named(never, "blocks.0.convs.0"), named(never, "blocks.1.convs.1")));
  CHECK(misuse::are_one_mistake(named(tie, "blocks.0.a", "blocks.0.b"), named(tie, "blocks.11.a", "blocks.11.b")));
  CHECK(!misuse::are_one_mistake(named(tie, "a.0.c", "b.0.c"), named(tie, "a.1.c", "b.1.c")));
  CHECK(!misuse::are_one_mistake(named(tie, "left.0.a", "right.0.a"), named(tie, "left.1.a", "right.1.a")));
  for (Mistake mistake :
       {Mistake::QConfigNamesNoModule, Mistake::QConfigOutsideQuantizedRegion, Mistake::RuleWithoutEffect}) {
    CHECK(misuse::are_one_mistake(named(mistake, "blocks.0.conv"), named(mistake, "blocks.0.conv")));
    CHECK(!misuse::are_one_mistake(named(mistake, "blocks.0.conv"), named(mistake, "blocks.1.conv")));
  }
}
