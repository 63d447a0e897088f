// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/core.hpp>

#include <doctest/doctest.h>

#include "networks/small.hpp"
#include "tensors/throws.hpp"

namespace q = quench;

TEST_CASE("a core in float predicts, and gives its parameters by name") {
  const q::Graph& graph = q::graph<small::ResNet>;
  q::phases::FloatCore core(graph, q::training::Form::Float, q::training::Parameters(graph, q::Seed{1}));
  CHECK(&core.graph() == &graph);
  const auto views = core.views();
  REQUIRE(views.size() == core.parameters().list().size());
  CHECK(views[0].values.data() == core.parameters()[0].values.data());
}

TEST_CASE("a plan of a core keeps the nodes that are asked for") {
  const q::Graph& graph = q::graph<small::ResNet>;
  const q::phases::FloatCore core(graph, q::training::Form::Float, q::training::Parameters(graph, q::Seed{1}));
  std::vector<int> all;
  for (int n = 0; n < graph.node_count; ++n) all.push_back(n);
  CHECK(core.plan_for(all)->bytes(1) > core.plan_for({})->bytes(1));
}

TEST_CASE("a core that was moved from says so") {
  const q::Graph& graph = q::graph<small::ResNet>;
  q::phases::FloatCore core(graph, q::training::Form::Float, q::training::Parameters(graph, q::Seed{1}));
  const q::phases::FloatCore moved = std::move(core);
  CHECK(slug_of([&] { static_cast<void>(core.parameters()); }) == "model-moved-from");
  CHECK(slug_of([&] { static_cast<void>(core.plan_for({})); }) == "model-moved-from");
  CHECK(slug_of([&] { static_cast<void>(core.pool()); }) == "model-moved-from");
  CHECK(slug_of([&] { core.set_workers(q::Workers{2}); }) == "model-moved-from");
  CHECK(slug_of([&] { static_cast<void>(core.parameters()); }) == "model-moved-from");  // still
}
