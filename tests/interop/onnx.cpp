// SPDX-License-Identifier: Apache-2.0
// ONNX files: what is read, and what is refused by name. onnx_models.py compares more with the ONNX project's own reader.
#include <quench/interop/onnx.hpp>

#include <doctest/doctest.h>

#include <random>

#include <quench/tensors/files.hpp>

#include "interop/damage.hpp"
#include "interop/onnx_model.hpp"
#include "temporary_folder.hpp"
#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace o = onnx_model;

namespace {

/// The slug and the evidence of the error, "" if the model is read.
std::string onnx_said_about(const std::string& model) {
  const auto parse = [&] { i::parse_onnx(o::file(model)); };
  const std::string slug = slug_of(parse);
  return slug.empty() ? slug : slug + ": " + damage::evidence_of(parse);
}

/// What is said about an attribute of a node that would be read without it.
std::string said_about_attribute(const std::string& attribute) {
  const std::string said = onnx_said_about(o::small(o::part(1, o::node("Any", "x", "z", o::part(5, attribute)))));
  const std::string head = "model-not-understood: node 1 \"node of z\" (\"Any\"): attribute \"a\": ";
  return said.substr(0, head.size()) == head ? said.substr(head.size()) : said;
}

std::string said_about_tensor(const std::string& tensor) { return onnx_said_about(o::small(o::part(5, tensor))); }

bool onnx_contains(const std::string& text, std::string_view what) { return text.find(what) != text.npos; }

}  // namespace

TEST_CASE("onnx: a graph with its nodes, values and weights") {
  const std::string conv =
      o::node("Conv", "y", "z",
              o::part(1, "w") + o::part(1, "") +
                  o::part(5, o::part(1, "strides") + o::number(20, 7) + o::part(8, o::varint(2) + o::varint(3))) +
                  o::part(5, o::part(1, "auto_pad") + o::number(20, 3) + o::part(4, "VALID")) +
                  o::part(5, o::part(1, "alpha") + o::number(20, 1) + o::fixed32(2, 0x3fc00000)));
  const TemporaryFolder folder;
  const auto path = folder / "net.onnx";
  quench::tensors::write_file(path, std::span<const std::byte>(o::file(o::small(o::part(1, conv)))));
  const i::OnnxGraph graph = i::read_onnx(path);
  CHECK(graph.opset() == 13);
  CHECK(graph.producer() == "by hand");
  REQUIRE(graph.inputs().size() == 1);
  CHECK(graph.inputs()[0].name == "x");
  REQUIRE(graph.inputs()[0].shape.size() == 2);
  CHECK(graph.inputs()[0].shape[1].value == 3);
  REQUIRE(graph.outputs().size() == 1);
  CHECK(graph.outputs()[0].name == "y");
  REQUIRE(graph.nodes().size() == 2);
  const i::OnnxNode& node = graph.nodes()[1];
  CHECK(node.op == "Conv");
  CHECK(node.inputs == std::vector<std::string_view>{"y", "w", ""});
  REQUIRE(node.attribute("strides") != nullptr);
  CHECK(std::get<std::vector<std::int64_t>>(node.attribute("strides")->value) == std::vector<std::int64_t>{2, 3});
  CHECK(std::get<std::string_view>(node.attribute("auto_pad")->value) == "VALID");
  CHECK(std::get<float>(node.attribute("alpha")->value) == 1.5f);
  CHECK(node.attribute("beta") == nullptr);
  CHECK(graph.initializer("v") == nullptr);
  REQUIRE(graph.initializer("w") != nullptr);
  CHECK(graph.initializer("w")->array().values<float>() == std::vector<float>{1, -2});
  const std::string missing = damage::evidence_of([&] { i::read_onnx(folder / "none.onnx"); });
  CHECK(onnx_contains(missing, "none.onnx: No such file"));
}

TEST_CASE("onnx: a graph that is moved keeps its views") {
  i::OnnxGraph graph = i::parse_onnx(o::file(o::small()));
  const i::OnnxGraph moved = std::move(graph);
  CHECK(moved.nodes()[0].op == "Relu");
  CHECK(moved.initializer("w")->array().values<float>() == std::vector<float>{1, -2});
}

TEST_CASE("onnx: what no network of quench can have is refused by name") {
  const auto says = [](const std::string& model, std::string_view what) {
    const std::string said = onnx_said_about(model);
    CAPTURE(said);
    CAPTURE(what);
    CHECK(onnx_contains(said, "model-not-understood: "));
    CHECK(onnx_contains(said, what));
  };
  says(o::small({}, {}, 6), "operator set 6, and 7 to 21 are known");
  says(o::small({}, {}, 22), "operator set 22, and 7 to 21 are known");
  CHECK(onnx_said_about(o::small({}, {}, 7)) == "");
  CHECK(onnx_said_about(o::small({}, {}, 21)) == "");
  says(o::part(7, ""), "names no operator set");
  says(o::small({}, o::part(25, "")), "functions");
  says(o::small({}, o::part(20, "")), "for training");
  says(o::small(o::part(15, "")), "sparse");
  says(o::small(o::part(14, "")), "begins with the float network");
  says(o::small(o::part(1, o::node("QLinearConv", "x", "z"))),
       "node 1 \"node of z\" (\"QLinearConv\"): it is an operator of a quantized");
  says(o::small(o::part(1, o::node("DequantizeLinear", "x", "z"))), "begins with the float network");
  says(o::small(o::part(1, o::node("Gelu", "x", "z", o::part(7, "com.microsoft")))), "belongs to \"com.microsoft\"");
  says(o::small(o::part(5, o::tensor("t", 1, {1}, o::part(13, o::part(1, "location"))))), "another file");
  says(o::small(o::part(5, o::tensor("t", 1, {1}, o::number(14, 1)))), "another file");
  says(o::small(o::part(5, o::tensor("t", 17, {1}, o::part(9, "1")))), "the number 17");
  says(o::small(o::part(11, o::part(1, "s") + o::part(2, o::part(4, "")))), "input or output \"s\": it is no tensor");
  CHECK(said_about_attribute(o::part(1, "a") + o::number(20, 5) + o::part(6, "")) ==
        "it is a graph inside the graph, as If, Loop and Scan have them");
  CHECK(said_about_attribute(o::part(1, "a") + o::part(21, "b")) == "it refers to a function");
  CHECK(said_about_attribute(o::part(1, "a") + o::part(22, "")) == "it is a sparse tensor");
  CHECK(said_about_attribute(o::part(1, "a")) == "it has no value");
}

TEST_CASE("onnx: values of attributes are those of their types") {
  CHECK(said_about_attribute(o::part(1, "a") + o::number(20, 2)) == "");  // 0
  CHECK(said_about_attribute(o::part(1, "a") + o::number(20, 7)) == "");  // an empty list
  CHECK(said_about_attribute(o::part(1, "a") + o::number(3, 5)) == "");   // IR version 1 has no types
  CHECK(onnx_contains(said_about_attribute(o::part(1, "a") + o::number(20, 1) + o::number(3, 5)),
                      "its value is not of its type"));
  CHECK(
      onnx_contains(said_about_attribute(o::part(1, "a") + o::number(3, 5) + o::fixed32(2, 0)), "values of two types"));
  const std::string twice = o::part(5, o::part(1, "a") + o::number(3, 5));
  CHECK(onnx_contains(onnx_said_about(o::small(o::part(1, o::node("Any", "x", "z", twice + twice)))),
                      "has the attribute \"a\" twice"));
}

TEST_CASE("onnx: names are given once, and before they are used") {
  CHECK(onnx_contains(onnx_said_about(o::small(o::part(1, o::node("Relu", "x", "y")))),
                      "two values have the name \"y\""));
  CHECK(onnx_contains(onnx_said_about(o::small(o::part(1, o::node("Relu", "x", "w")))),
                      "two values have the name \"w\""));
  CHECK(onnx_contains(
      onnx_said_about(o::small(o::part(1, o::node("Relu", "later", "z")) + o::part(1, o::node("Relu", "x", "later")))),
      "uses \"later\", which no node before it gives"));
  CHECK(onnx_contains(onnx_said_about(o::small(o::part(12, o::value("nothing", {1})))),
                      "no node gives the output \"nothing\""));
  CHECK(onnx_contains(onnx_said_about(o::small({}, o::part(7, ""))), "it has two graphs"));
  CHECK(onnx_contains(onnx_said_about(o::part(8, o::number(2, 13)) + o::part(7, "")), "the graph has no output"));
  CHECK(onnx_contains(onnx_said_about(""), "it has no graph, so it is no ONNX model"));
  // Files of an old kind list initializers among the inputs.
  const i::OnnxGraph graph = i::parse_onnx(o::file(o::small(o::part(11, o::value("w", {2})))));
  CHECK(graph.inputs().size() == 1);
}

TEST_CASE("onnx: a file of very many parts is refused early") {
  std::string nodes;
  for (int n = 0; n < 70000; ++n) nodes += o::part(1, o::part(4, "R") + o::part(2, std::to_string(n)));
  CHECK(onnx_contains(onnx_said_about(o::small(nodes)), "more than 65536 nodes, tensors and attributes"));
  CHECK(onnx_contains(onnx_said_about(o::small(o::part(1, ""))), "it has no operator"));
  std::string attributes;  // fewer are read, in time that grows with the file
  for (int n = 0; n < 60000; ++n) attributes += o::part(5, o::part(1, std::to_string(n)) + o::number(3, 1));
  CHECK(onnx_said_about(o::small(o::part(1, o::node("Any", "x", "z", attributes)))) == "");
  const std::string many = o::part(5, o::part(1, "a") + o::part(8, std::string(300000, '\1')));
  CHECK(onnx_contains(onnx_said_about(o::small(o::part(1, o::node("Any", "x", "z", many)))),
                      "more than 262144 names and numbers"));
  CHECK(onnx_contains(said_about_tensor(o::part(8, "t") + o::part(1, std::string(300000, '\1'))),
                      "more than 262144 names and numbers"));
}

TEST_CASE("onnx: damaged files are read whole or refused") {
  const std::string whole =
      o::small(o::part(1, o::node("Any", "y", "z", o::part(5, o::part(1, "a") + o::part(8, "\1\2")))));
  const auto is_refused = [](const std::string& model) {
    try {
      const i::OnnxGraph graph = i::parse_onnx(o::file(model));
      for (const i::OnnxTensor& tensor : graph.initializers()) tensor.array().elements();
      return false;
    } catch (const quench::Error& error) {
      const bool is_known = error.slug() == quench::TextView("file-not-readable") ||
                            error.slug() == quench::TextView("model-not-understood");
      REQUIRE(is_known);
      return true;
    }
  };
  REQUIRE_FALSE(is_refused(whole));
  int refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) refused += is_refused(whole.substr(0, size));
  CHECK(refused == static_cast<int>(whole.size()));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int difference = 1; difference < 256; ++difference) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ difference);
      refused += is_refused(changed);
    }
  std::mt19937 random(5);
  for (int n = 0; n < 3000; ++n) {
    std::string changed = whole;
    for (int k = 0; k < 1 + n % 4; ++k) changed[random() % changed.size()] = static_cast<char>(random());
    refused += is_refused(changed);
  }
  CHECK(refused > 1000);
}
