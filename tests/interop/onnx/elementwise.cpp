// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/elementwise.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"

namespace g = onnx_graph;
using g::Graph;

TEST_CASE("functions of one value") {
  CHECK(g::one({}, "LeakyRelu", {1, 4}) == "LeakyReLU $m($0)");
  CHECK(g::one({}, "HardSigmoid", {1, 4}) == "HardSigmoid{.alpha = 0.2f} $m($0)");
  CHECK(g::one({}, "Elu", {1, 4}, g::real("alpha", 2)) == "ELU{.alpha = 2.0f} $m($0)");
  CHECK(g::one(Graph().number("e", 2), "Pow", {1, 4}, {}, {"e"}) == "Square $m($0)");
  CHECK(g::one(Graph().number("e", 2.5f), "Pow", {1, 4}, {}, {"e"}).find("exponent is 2.5") != std::string::npos);
}

TEST_CASE("bounds are attributes or inputs, both or one") {
  CHECK(g::one(Graph{.opset = 7}, "Clip", {1, 4}, g::real("min", 0) + g::real("max", 6)) == "ReLU6 $m($0)");
  CHECK(g::one(Graph().number("a", -1).number("b", 2), "Clip", {1, 4}, {}, {"a", "b"}) ==
        "Clamp{.low = -1.0f, .high = 2.0f} $m($0)");
  CHECK(g::one(Graph().number("b", 2), "Clip", {1, 4}, {}, {"", "b"}) == "FloatFunctional $m.minimum($0, 2.0f)");
  CHECK(g::one(Graph().number("a", 0), "Clip", {1, 4}, {}, {"a"}) == "ReLU $m($0)");
  CHECK(g::one(Graph().number("a", 2).number("b", 2), "Clip", {1, 4}, {}, {"a", "b"}).find("leave one value") !=
        std::string::npos);
}

TEST_CASE("softmax of another axis than the last moves it, and before operator set 13 it joins axes") {
  CHECK(g::one({}, "Softmax", {1, 2, 3}, g::integer("axis", 1)) == "permute($0, {1, 0}); Softmax $m($0)");
  CHECK(g::one({.opset = 11}, "Softmax", {1, 2, 3}) == "flatten($0); Softmax $m($0); reshape($0, {2, 3})");
  CHECK(g::one({}, "Softmax", {-1, 3}, g::integer("axis", 0)).find("along the batch") != std::string::npos);
}

TEST_CASE("two tensors are brought to one order, and broadcast with equal ranks") {
  Graph graph;
  graph.input("x", {1, 2, 4, 4}).node("GlobalAveragePool", {"x"}, "p").node("Mul", {"x", "p"}, "y").output("y");
  CHECK(graph.calls() == "GlobalAvgPool2d $m($0); FloatFunctional $m.mul($0, $1)");
  Graph wrong;
  wrong.input("x", {1, 4}).input("z", {1, 3}).node("Add", {"x", "z"}, "y").output("y");
  CHECK(wrong.calls().find("do not fit each other") != std::string::npos);
}

TEST_CASE("several operands, of which some are constants") {
  CHECK(g::one(Graph().number("c", 2), "Max", {1, 4}, {}, {"c", "x"}) ==
        "FloatFunctional $m.maximum($0, $1); FloatFunctional $m.maximum($0, 2.0f)");
  Graph constants;
  constants.input("x", {1, 4})
      .number("c", 2)
      .node("Sum", {"c", "c", "c"}, "d")
      .node("Add", {"x", "d"}, "y")
      .output("y");
  CHECK(g::has(constants.calls(), "all its inputs are constants"));
}
