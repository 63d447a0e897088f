// SPDX-License-Identifier: Apache-2.0
#include <quench/training/form.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>

#include "networks/small.hpp"

namespace q = quench;
namespace t = quench::training;

TEST_CASE("the root of an alias computes, and comes before it") {
  const q::Graph& graph = q::graph<small::ResNet>;
  for (const t::Form form : {t::Form::Float, t::Form::Folded, t::Form::Quantized}) {
    const std::vector<int> roots = t::roots_of(graph, form);
    REQUIRE(roots.size() == static_cast<std::size_t>(graph.node_count));
    for (int n = 0; n < graph.node_count; ++n) {
      const int root = roots[static_cast<std::size_t>(n)];
      CHECK(t::is_alias(graph, graph.nodes[n], form) == (root < n));
      CHECK_FALSE(t::is_alias(graph, graph.nodes[root], form));
    }
  }
}
