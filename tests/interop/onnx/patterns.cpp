// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/patterns.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"

namespace g = onnx_graph;
using g::Graph;

namespace {

Graph with_numbers() {
  Graph graph;
  return graph.input("x", {1, 4})
      .number("3", 3)
      .number("0", 0)
      .number("6", 6)
      .number("1", 1)
      .number("half", 0.5f)
      .number("root", 1.41421356f)
      .number("2", 2)
      .number("eps", 1e-5f)
      .number("sixth", 1.0f / 6);
}

}  // namespace

TEST_CASE("functions are known by their values, in whatever order the exporter wrote them") {
  CHECK(with_numbers().node("Sigmoid", {"x"}, "s").node("Mul", {"s", "x"}, "y").output("y").calls() == "SiLU $m($0)");
  CHECK(with_numbers()
            .node("Mul", {"x", "1"}, "a")
            .node("Sigmoid", {"a"}, "s")
            .node("Mul", {"x", "s"}, "y")
            .output("y")
            .calls() == "SiLU $m($0)");
  CHECK(with_numbers()
            .node("Add", {"x", "3"}, "a")
            .node("Clip", {"a", "0", "6"}, "c")
            .node("Mul", {"x", "c"}, "m")
            .node("Div", {"m", "6"}, "y")
            .output("y")
            .calls() == "HardSwish $m($0)");
  CHECK(with_numbers()
            .node("HardSigmoid", {"x"}, "h", g::real("alpha", 1.0f / 6))
            .node("Mul", {"x", "h"}, "y")
            .output("y")
            .calls() == "HardSwish $m($0)");
  CHECK(with_numbers()
            .node("Add", {"x", "3"}, "a")
            .node("Clip", {"a", "0", "6"}, "c")
            .node("Mul", {"c", "sixth"}, "y")
            .output("y")
            .calls() == "HardSigmoid $m($0)");
  CHECK(with_numbers()
            .node("Div", {"x", "root"}, "d")
            .node("Erf", {"d"}, "e")
            .node("Add", {"e", "1"}, "a")
            .node("Mul", {"x", "a"}, "m")
            .node("Mul", {"m", "half"}, "y")
            .output("y")
            .calls() == "GELU $m($0)");
  CHECK(with_numbers().node("Mul", {"x", "x"}, "y").output("y").calls() == "Square $m($0)");
}

TEST_CASE("what only resembles a function stays as it is") {
  CHECK(with_numbers()
            .node("Add", {"x", "3"}, "a")
            .node("Clip", {"a", "0", "6"}, "c")
            .node("Mul", {"x", "c"}, "m")
            .node("Div", {"m", "3"}, "y")
            .output("y")
            .calls() ==
        "FloatFunctional $m.add_scalar($0, 3.0f); ReLU6 $m($0); FloatFunctional $m.mul($0, $1); FloatFunctional "
        "$m.mul_scalar($0, 0.33333334f)");
  CHECK(with_numbers()
            .node("HardSigmoid", {"x"}, "h", g::real("alpha", 0.1667f))
            .node("Mul", {"x", "h"}, "y")
            .output("y")
            .calls() == "HardSigmoid{.alpha = 0.1667f} $m($0); FloatFunctional $m.mul($0, $1)");
  CHECK(with_numbers().node("Erf", {"x"}, "y").output("y").calls().find("Erf") != std::string::npos);
}

TEST_CASE("GELU by tanh is noted") {
  const auto network = Graph{.opset = 20}
                           .input("x", {1, 4})
                           .node("Gelu", {"x"}, "y", g::word("approximate", "tanh"))
                           .output("y")
                           .import();
  CHECK(network.steps.at(0).type == "GELU");
  REQUIRE(network.notes.size() == 1);
}

TEST_CASE("LayerNorm is known by its nodes") {
  Graph graph = with_numbers();
  graph.weight("w", {4})
      .weight("b", {4})
      .node("ReduceMean", {"x"}, "m", g::integers("axes", {-1}))
      .node("Sub", {"x", "m"}, "d")
      .node("Pow", {"d", "2"}, "q");
  graph.node("ReduceMean", {"q"}, "v", g::integers("axes", {-1}))
      .node("Add", {"v", "eps"}, "e")
      .node("Sqrt", {"e"}, "r");
  graph.node("Div", {"d", "r"}, "n").node("Mul", {"n", "w"}, "s").node("Add", {"s", "b"}, "y").output("y");
  const auto network = graph.import();
  CHECK(graph.calls() == "LayerNorm{.normalized_shape = 4} $m($0)");
  CHECK(network.steps[0].parameters.at("weight").values<float>() == std::vector<float>{1, 2, 3, 4});
}
