// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/moves.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"

namespace g = onnx_graph;
using g::Graph;
using g::has;

TEST_CASE("transposes of an exporter with channels last vanish") {
  Graph graph;
  graph.input("x", {1, 8, 8, 3}).weight("w", {4, 3, 1, 1});
  graph.node("Transpose", {"x"}, "t", g::integers("perm", {0, 3, 1, 2})).node("Conv", {"t", "w"}, "c");
  graph.node("Transpose", {"c"}, "y", g::integers("perm", {0, 2, 3, 1})).output("y");
  const auto network = graph.import();
  CHECK(network.inputs[0].axes == std::vector<int>{1, 2, 3});
  CHECK(network.steps.size() == 1);
  CHECK(network.outputs[0].axes == std::vector<int>{1, 2, 3});
}

TEST_CASE("zeros at the end of the channels are padding") {
  Graph graph;
  graph.input("x", {1, 2, 3, 3})
      .weight("z", {1, 4, 3, 3}, 0, 0)
      .node("GlobalMaxPool", {"x"}, "g")
      .node("Concat", {"x", "z"}, "y", g::integer("axis", 1))
      .output("y");
  CHECK(graph.calls() == "pad($0, {{0, 0}, {0, 0}, {0, 4}})");
}

TEST_CASE("slices, splits and gathers along the axis where it lies") {
  CHECK(g::one(Graph().list("b", {1}).list("e", {3}).list("a", {1}), "Slice", {1, 4, 2, 2}, {}, {"b", "e", "a"}) ==
        "slice($0, -1, 1, 3)");
  CHECK(g::one(Graph().list("p", {1, 2}), "Gather", {1, 4, 2}, g::integer("axis", 1), {"p"}) == "slice($0, 0, 1, 3)");
  CHECK(g::one(Graph().list("p", {2, 0}), "Gather", {1, 4, 2}, g::integer("axis", 1), {"p"}) ==
        "FloatFunctional $m.gather($0, {2, 0}, 0)");
  CHECK(g::one(Graph().list("p", {4}), "Gather", {1, 4, 2}, g::integer("axis", 1), {"p"}).find("no element 4") !=
        std::string::npos);
  CHECK(g::one(Graph().list("b", {2}).list("e", {2}).list("a", {1}), "Slice", {1, 4}, {}, {"b", "e", "a"})
            .find("no elements") != std::string::npos);
}

TEST_CASE("samples of a batch are not mixed") {
  CHECK(has(g::one({}, "ReduceMean", {-1, 4}), "along the batch"));
  CHECK(has(g::one({}, "ReduceMean", {2, 4}, g::integers("axes", {0})), "along the batch"));
  CHECK(has(g::one({}, "Concat", {-1, 4}, g::integer("axis", 0), {"x"}), "along the batch"));
  CHECK(has(g::one(Graph().list("s", {2, -1}), "Reshape", {4, 3}, {}, {"s"}), "batch"));
}

TEST_CASE("means, sums and blocks of pixels") {
  CHECK(g::one({}, "ReduceMean", {1, 2, 4, 4}, g::integers("axes", {2, -1}) + g::integer("keepdims", 0)) ==
        "FloatFunctional $m.mean($0, {0, 1})");
  CHECK(g::one({}, "DepthToSpace", {1, 8, 4, 4}, g::integer("blocksize", 2)) == "depth_to_space($0, 2)");
  CHECK(g::one({}, "SpaceToDepth", {1, 2, 4, 4}, g::integer("blocksize", 3)).find("no blocks") != std::string::npos);
}

TEST_CASE("pads are attributes or inputs, with zeros only") {
  CHECK(g::one({.opset = 7}, "Pad", {1, 2, 3}, g::integers("pads", {0, 1, 0, 0, 0, -1})) ==
        "slice($0, -1, 0, 2); pad($0, {{1, 0}, {0, 0}})");
  CHECK(g::one(Graph().list("p", {0, 1, 0, 0}).number("v", 1), "Pad", {1, 2}, {}, {"p", "v"}).find("other than 0") !=
        std::string::npos);
  CHECK(g::one(Graph().list("p", {1, 0, 0, 0}), "Pad", {1, 2}, {}, {"p"}).find("along the batch") != std::string::npos);
  CHECK(g::one(Graph().list("p", {0, INT64_MAX, 0, 0}), "Pad", {1, 2}, {}, {"p"}).find("out of range") !=
        std::string::npos);
}

TEST_CASE("tensors of different ranks are not joined") {
  Graph graph;
  graph.input("x", {1, 2}).input("z", {1, 2, 3, 4}).node("Concat", {"x", "z"}, "y", g::integer("axis", 3)).output("y");
  CHECK(graph.calls().find("there is no axis 3") != std::string::npos);
}
