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

TEST_CASE("a gather of a table by indices is an embedding, whatever the shape of the indices") {
  const auto looked_up = [](const g::Shape& shape, const g::Shape& table) {
    return Graph()
        .indices("ids", shape)
        .weight("emb.weight", table)
        .node("Gather", {"emb.weight", "ids"}, "y")
        .output("y");
  };
  const auto network = looked_up({1, 4, 2}, {10, 3}).import();
  REQUIRE(network.steps.size() == 1);
  const auto& step = network.steps[0];
  CHECK(step.type + step.settings + step.call == "Embedding{.num_embeddings = 10, .embedding_dim = 3}$m($0)");
  CHECK(step.name == "emb");
  CHECK(step.shape == g::Shape{4, 2, 3});
  CHECK(network.outputs[0].axes == std::vector<int>{1, 2, 3});
  CHECK(g::parameter(network, 0, "weight")[29] == 30);
  CHECK(looked_up({7, 4}, {10, 3}).import().steps[0].shape == g::Shape{4, 3});
  CHECK(looked_up({-1, 4}, {10, 1}).import().steps[0].shape == g::Shape{4, 1});
  CHECK(has(looked_up({1, 4}, {10, 3, 2}).calls(), "its table is [10, 3, 2]; quench looks up the rows of a table"));
  Graph columns = Graph().indices("ids", {1, 4}).weight("t", {10, 3});
  columns.node("Gather", {"t", "ids"}, "y", g::integer("axis", 1)).output("y");
  CHECK(has(columns.calls(), "its table is [10, 3]"));
  // What the file does to the indices before it is done to the rows.
  Graph cast = Graph().indices("ids", {-1, 6}).weight("t", {10, 3}).list("two", {-1, 2, 3});
  cast.node("Cast", {"ids"}, "i", g::integer("to", 6)).node("Reshape", {"i", "two"}, "r");
  cast.node("Transpose", {"r"}, "s", g::integers("perm", {0, 2, 1})).node("Gather", {"t", "s"}, "y").output("y");
  CHECK(cast.calls() == "Embedding{.num_embeddings = 10, .embedding_dim = 3} $m($0); reshape($0, {2, 3, 3})");
  CHECK(cast.import().outputs[0].axes == std::vector<int>{2, 1, 3});
}

TEST_CASE("indices have no other use") {
  const auto why = [](auto... nodes) {
    Graph graph = Graph().indices("ids", {1, 4}).input("x", {1, 4}).weight("t", {10, 3}).list("two", {0, 2});
    (graph.node(std::get<0>(nodes), std::get<1>(nodes), std::get<2>(nodes), std::get<3>(nodes)), ...);
    return graph.output("y").calls();
  };
  using Node = std::tuple<const char*, std::vector<std::string_view>, const char*, onnx_model::Message>;
  const char* const alone = "it computes with an input of integers; quench takes them only as indices of an Embedding";
  CHECK(has(why(Node{"Relu", {"ids"}, "y", {}}), alone));
  CHECK(has(why(Node{"Cast", {"ids"}, "f", g::integer("to", 1)}, Node{"Add", {"f", "x"}, "y", {}}), alone));
  CHECK(
      has(why(Node{"Gather", {"ids", "two"}, "i", g::integer("axis", 1)}, Node{"Gather", {"t", "i"}, "y", {}}), alone));
  CHECK(has(why(Node{"Cast", {"x"}, "i", g::integer("to", 7)}, Node{"Gather", {"t", "i"}, "y", {}}), "it makes INT64"));
  CHECK(has(why(Node{"Gather", {"t", "x"}, "y", {}}), "the network computes its indices"));
}
