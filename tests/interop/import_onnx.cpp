// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/import_onnx.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace g = onnx_graph;
using g::Graph;
using g::has;

namespace {

Graph one_relu(const g::Shape& shape) { return Graph().input("x", shape).node("Relu", {"x"}, "y").output("y"); }

}  // namespace

TEST_CASE("inputs and outputs say where their axes are in the file") {
  const auto network =
      Graph().input("x", {-1, 3, 8, 6}).node("GlobalAveragePool", {"x"}, "y").output("y").import({.file = "net.onnx"});
  CHECK(network.file == "net.onnx");
  CHECK(network.producer == "by hand");
  CHECK(network.opset == 13);
  CHECK(network.inputs[0].shape == std::vector<std::int64_t>{8, 6, 3});
  CHECK(network.inputs[0].axes == std::vector<int>{2, 3, 1});
  CHECK(network.outputs[0].value == 1);
  CHECK(network.outputs[0].axes == std::vector<int>{2, 3, 1});
  CHECK(network.steps[0].node == "GlobalAveragePool");
}

TEST_CASE("shapes settle symbols, and nothing else") {
  CHECK(one_relu({-1, 3}).calls() == "ReLU $m($0)");
  CHECK(has(one_relu({1, -1}).calls(), "known only at run time"));
  CHECK(one_relu({1, -1}).import({.shapes = {{"x", {1, 5}}}}).inputs[0].shape == std::vector<std::int64_t>{5});
  CHECK(has(one_relu({1, 4}).calls({.shapes = {{"x", {1, 5}}}}), "does not have the shape"));
  CHECK(has(one_relu({1, 4}).calls({.shapes = {{"z", {1, 5}}}}), "which there is not"));
  CHECK(has(one_relu({1, -1}).calls({.shapes = {{"x", {1, 0}}}}), "has the shape"));
  CHECK(has(one_relu({1, 1 << 20, 1 << 20}).calls(), "has the shape"));
  CHECK(has(one_relu({4}).calls(), "1 axes"));
  CHECK(one_relu({4}).calls({.has_batch = false}) == "ReLU $m($0)");
}

TEST_CASE("a batch of any size goes, if all inputs have it") {
  Graph graph;
  graph.input("a", {5, 3}).input("b", {-1, 3}).node("Add", {"a", "b"}, "y").output("y");
  CHECK(graph.calls() == "FloatFunctional $m.add($0, $1)");
  Graph wrong;
  wrong.input("a", {5, 3}).input("b", {4, 3}).node("Add", {"a", "b"}, "y").output("y");
  CHECK(has(wrong.calls(), "batches of different sizes"));
}

TEST_CASE("inputs and outputs that are not used or not computed are refused") {
  CHECK(has(one_relu({1, 4}).input("z", {1, 4}).calls(), "changes no output"));
  CHECK(has(one_relu({1, 4}).number("c", 1).output("c").calls(), "does not depend on the inputs"));
  CHECK(has(Graph().number("c", 1).output("c").calls(), "no inputs"));
}

TEST_CASE("a weight that two nodes share ties their layers") {
  Graph graph;
  graph.input("a", {1, 2}).input("b", {1, 2}).weight("fc.weight", {2, 2}).weight("other.weight", {2, 2});
  graph.node("MatMul", {"a", "fc.weight"}, "p")
      .node("MatMul", {"b", "fc.weight"}, "q")
      .node("MatMul", {"q", "other.weight"}, "r");
  const auto network = graph.output("p").output("r").import();
  CHECK(network.steps[0].tied_to == -1);
  CHECK(network.steps[1].tied_to == 0);
  CHECK(network.steps[1].name == "fc");
  CHECK(network.steps[2].tied_to == -1);
}

TEST_CASE("a module that PyTorch calls twice is one module") {
  Graph graph;
  graph.input("x", {1, 2}).weight("fc.weight", {2, 2});
  graph.node("MatMul", {"x", "fc.weight"}, "p", {}, "/fc/MatMul")
      .node("MatMul", {"p", "fc.weight"}, "y", {}, "/fc_1/MatMul");
  const auto network = graph.output("y").import();
  CHECK(network.steps[1].name == "fc");
  CHECK(network.steps[1].tied_to == 0);
}

TEST_CASE("equal weights that an exporter joined keep the names of their modules") {
  Graph graph;
  graph.input("x", {1, 2}).weight("a.fc.weight", {2, 2});
  graph.node("MatMul", {"x", "a.fc.weight"}, "p", {}, "/a/fc/MatMul")
      .node("MatMul", {"p", "a.fc.weight"}, "y", {}, "/b/fc/MatMul");
  const auto network = graph.output("y").import();
  CHECK(network.steps[1].name == "b.fc");
  CHECK(network.steps[1].tied_to == -1);
}

TEST_CASE("an input of integers is one of indices, and other types are refused") {
  Graph graph;
  graph.indices("ids", {-1, 5}, 6).input("x", {-1, 5, 3}).weight("table", {10, 3});
  graph.node("Gather", {"table", "ids"}, "e").node("Add", {"e", "x"}, "y").output("y");
  const auto network = graph.import();
  CHECK(network.inputs[0].is_indices);
  CHECK_FALSE(network.inputs[1].is_indices);
  CHECK(network.inputs[0].shape == std::vector<std::int64_t>{5});
  CHECK(network.steps[0].type == "Embedding");
  CHECK(has(Graph().indices("ids", {1, 5}, 9).node("Relu", {"ids"}, "y").output("y").calls(),
            "has elements of type BOOL; quench takes real numbers, and INT32 or INT64 as indices of an Embedding"));
  CHECK(has(Graph()
                .indices("ids", {1, 1, 1, 1, 1, 1, 2})
                .weight("t", {2, 3})
                .node("Gather", {"t", "ids"}, "y")
                .output("y")
                .calls(),
            "six axes"));
  graph.output("ids");
  CHECK(has(graph.calls(), "it is an input of indices"));
}

TEST_CASE("a file that is damaged in its values is not readable") {
  Graph graph;
  graph.input("x", {1, 1}).parts +=
      onnx_model::part(5, Graph::tensor("w", {1, 1}, 3, onnx_model::part(5, onnx_model::varint(300))));
  graph.node("MatMul", {"x", "w"}, "y").output("y");
  CHECK(slug_of([&] { graph.import(); }) == "file-not-readable");
}
