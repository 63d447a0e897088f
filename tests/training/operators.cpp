// SPDX-License-Identifier: Apache-2.0
// The switch over the operators: each call of a network writes its output.
#include <quench/training/operators.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <quench/training/tape.hpp>

#include "networks/operators.hpp"
#include "networks/per_channel.hpp"
#include "networks/sequences.hpp"

namespace q = quench;

namespace {

template <class Net>
void check_all_written() {
  const q::Graph& graph = q::graph<Net>;
  q::training::Parameters parameters(graph, q::Seed{1});
  q::training::Tape tape(graph, q::training::Form::Float);
  tape.resize(3);
  q::WorkerPool pool;
  for (int n = 0; n < graph.node_count; ++n) {
    const bool is_input = graph.nodes[n].op == q::Operator::Input;
    if (tape.root(n) == n)
      for (float& value : tape.all_values(n)) value = is_input ? 0.5f : std::nanf("");
  }
  tape.train(parameters, pool);
  for (int n = 0; n < graph.node_count; ++n) {
    CAPTURE(n);
    bool is_written = true;
    for (const float value : tape.all_values(n)) is_written = is_written && !std::isnan(value);
    CHECK(is_written);
  }
}

}  // namespace

TEST_CASE("every operator writes every element of its output") {
  check_all_written<operators::Layers>();
  check_all_written<operators::Functions>();
  check_all_written<operators::HardFunctions>();
  check_all_written<operators::SmoothFunctions>();
  check_all_written<operators::PartlyDefined>();
  check_all_written<operators::Corners>();
  check_all_written<operators::Pools>();
  check_all_written<operators::MaxPools>();
  check_all_written<operators::Windows>();
  check_all_written<operators::AdaptivePools>();
  check_all_written<operators::Resizes>();
  check_all_written<sequences::Layers>();
  check_all_written<sequences::Pools>();
  check_all_written<operators::Arithmetic>();
  check_all_written<operators::Choices>();
  check_all_written<operators::Joins>();
  check_all_written<operators::Shapes>();
  check_all_written<per_channel::Affines>();
  check_all_written<per_channel::Slopes>();
}
