// SPDX-License-Identifier: Apache-2.0
#include <quench/training/tape.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>

#include "networks/small.hpp"

namespace q = quench;
namespace t = quench::training;

TEST_CASE("stubs, flatten and folded batch norms are other names of their operands") {
  const q::Graph& graph = q::graph<small::ResNet>;
  const t::Tape as_float(graph, t::Form::Float), folded(graph, t::Form::Folded), quantized(graph, t::Form::Quantized);
  const int stub = graph.modules[graph.find_module("quant")].node;
  const int norm = graph.modules[graph.find_module("stem_bn")].node;
  CHECK(as_float.root(stub) == 0);
  CHECK(quantized.root(stub) == stub);
  CHECK(as_float.root(norm) == norm);
  CHECK(folded.root(norm) == norm - 1);
  const int relu = norm + 1;
  REQUIRE(graph.nodes[relu].op == q::Operator::ReLU);
  CHECK(folded.root(relu) == relu);
  CHECK(quantized.root(relu) == norm - 1);  // one operator with the conv
  const int output = graph.outputs[0];
  CHECK(as_float.root(output) == output - 1);
}

TEST_CASE("gradients are wanted after parameters only, unless asked for") {
  const q::Graph& graph = q::graph<small::WithFloatEnds>;
  const t::Tape tape(graph, t::Form::Float);
  CHECK_FALSE(tape.wants_gradient(0));
  for (int n = 1; n < graph.node_count; ++n) CHECK(tape.wants_gradient(n));
  const t::Tape asked(graph, t::Form::Float, {true});
  CHECK(asked.wants_gradient(0));
}
