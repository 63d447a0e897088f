// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/affine.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"

namespace g = onnx_graph;
using g::Graph;
using g::has;
using g::parameter;
using Floats = std::vector<float>;

TEST_CASE("a number is added or multiplied as one") {
  CHECK(g::one(Graph().number("c", 2), "Mul", {1, 4}, {}, {"c"}) == "FloatFunctional $m.mul_scalar($0, 2.0f)");
  CHECK(g::one(Graph().number("c", 4), "Div", {1, 4}, {}, {"c"}) == "FloatFunctional $m.mul_scalar($0, 0.25f)");
  CHECK(g::one(Graph().number("c", 4), "Sub", {1, 4}, {}, {"c"}) == "FloatFunctional $m.add_scalar($0, -4.0f)");
  CHECK(g::one(Graph().number("c", 1), "Mul", {1, 4}, {}, {"c"}).empty());
}

TEST_CASE("mean and deviation are one ChannelAffine") {
  Graph graph;
  graph.input("x", {1, 2, 3, 3}).weight("mean", {1, 2, 1, 1}).weight("std", {2, 1, 1}, 2, 2);
  graph.node("Sub", {"x", "mean"}, "a").node("Div", {"a", "std"}, "y").output("y");
  const auto network = graph.import();
  REQUIRE(network.steps.size() == 1);
  CHECK(network.steps[0].type == "ChannelAffine");
  CHECK(parameter(network, 0, "weight") == Floats{0.5f, 0.25f});
  CHECK(parameter(network, 0, "bias") == Floats{-0.5f, -0.5f});
}

TEST_CASE("constants after a layer become part of it, unless something else uses its value") {
  Graph graph;
  graph.input("x", {1, 1, 2, 2}).weight("w", {2, 1, 1, 1}).weight("s", {2, 1, 1}, 3).weight("b", {1, 2, 1, 1});
  graph.node("Conv", {"x", "w"}, "c").node("Mul", {"c", "s"}, "m").node("Add", {"m", "b"}, "y");
  Graph alone = graph;
  const auto network = alone.output("y").import();
  REQUIRE(network.steps.size() == 1);
  CHECK(parameter(network, 0, "weight") == Floats{3, 8});
  CHECK(parameter(network, 0, "bias") == Floats{1, 2});
  CHECK(network.steps[0].settings == "{.in_channels = 1, .out_channels = 2, .kernel_size = 1}");
  CHECK(graph.output("y").output("c").import().steps.size() == 2);
}

TEST_CASE("a constant for each element is a ChannelAffine of the flattened tensor") {
  Graph graph;
  graph.input("x", {1, 2, 3}).weight("position", {1, 2, 3}).node("Add", {"x", "position"}, "y").output("y");
  CHECK(graph.calls() == "flatten($0); ChannelAffine{.channels = 6} $m($0); reshape($0, {2, 3})");
}

TEST_CASE("a constant that repeats the tensor is refused") {
  CHECK(g::one(Graph().weight("c", {5, 3}), "Add", {1, 1, 3}, {}, {"c"}).find("enlarges") != std::string::npos);
}
