// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/lowering.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"

namespace g = onnx_graph;
using g::Graph;

TEST_CASE("a node without a meaning is refused only where its value is needed") {
  Graph graph;
  graph.input("x", {1, 4})
      .node("Nothing", {"x"}, "z", {}, "n")
      .node("Relu", {"z"}, "w")
      .node("Tanh", {"x"}, "y")
      .output("y");
  CHECK(graph.calls() == "Tanh $m($0)");
  graph.output("w");
  CHECK(graph.calls() ==
        "the model: Nothing \"n\": quench has no operator for it; describe the network by other operators and export "
        "it again");
}

TEST_CASE("a setting that is not known is refused") {
  CHECK(g::one({}, "Relu", {1, 4}, g::integer("magic", 1)) ==
        "the model: Relu: its attribute \"magic\" is not known here");
}

TEST_CASE("nodes of other domains are refused") {
  Graph graph;
  graph.input("x", {1, 4}).node("Relu", {"x"}, "y", onnx_model::part(7, "com.microsoft")).output("y");
  CHECK(graph.calls().find("com.microsoft") != std::string::npos);
}
