// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/layers.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"

namespace g = onnx_graph;
using g::Graph;
using g::has;
using g::parameter;
using Floats = std::vector<float>;

TEST_CASE("convolutions have their settings in PyTorch's order") {
  CHECK(g::one(Graph().weight("w", {8, 3, 3, 3}), "Conv", {1, 3, 9, 9},
               g::integers("pads", {0, 1, 2, 3}) + g::integers("strides", {2, 1}), {"w"}) ==
        "Conv2d{.in_channels = 3, .out_channels = 8, .kernel_size = 3, .stride = {2, 1}, .padding = {0, 2, 1, 3}, "
        ".bias = false} $m($0)");
  CHECK(g::one(Graph().weight("w", {4, 1, 5}).weight("b", {4}), "Conv", {1, 4, 9},
               g::integer("group", 4) + g::word("auto_pad", "SAME_UPPER"), {"w", "b"}) ==
        "Conv1d{.in_channels = 4, .out_channels = 4, .kernel_size = 5, .padding = Padding::Same, .groups = 4} $m($0)");
  CHECK(g::one(Graph().weight("w", {2, 3, 4, 4}), "ConvTranspose", {1, 2, 4, 4},
               g::integers("strides", {2, 2}) + g::integers("pads", {1, 1, 1, 1}), {"w"}) ==
        "ConvTranspose2d{.in_channels = 2, .out_channels = 3, .kernel_size = 4, .stride = 2, .padding = 1, .bias = "
        "false} $m($0)");
}

TEST_CASE("a weight [in, out] is transposed, and columns after a flatten of a map are in the order H, W, C") {
  Graph graph;  // (out, in): beyond a tile of rows, and not square
  graph.input("x", {1, 2, 1, 3})
      .weight("w", {6, 19})
      .node("Flatten", {"x"}, "f")
      .node("Gemm", {"f", "w"}, "y", g::real("alpha", 2));
  const auto network = graph.output("y").import();
  const Floats weight = parameter(network, network.steps.size() - 1, "weight");
  REQUIRE(weight.size() == 6 * 19);
  for (std::size_t out = 0; out < 19; ++out)
    for (std::size_t pixel = 0; pixel < 3; ++pixel)
      for (std::size_t channel = 0; channel < 2; ++channel)
        CHECK(weight[out * 6 + pixel * 2 + channel] == 2 * static_cast<float>(1 + (channel * 3 + pixel) * 19 + out));
}

TEST_CASE("a batch norm stays after a layer, and is a ChannelAffine elsewhere") {
  Graph graph;
  graph.input("x", {1, 2, 4, 4})
      .weight("w", {2, 2, 1, 1})
      .weight("s", {2})
      .weight("b", {2})
      .weight("m", {2})
      .weight("v", {2}, 4, 12);
  graph.node("Conv", {"x", "w"}, "c").node("BatchNormalization", {"c", "s", "b", "m", "v"}, "n", g::real("epsilon", 0));
  Graph after = graph;
  after.output("n");
  CHECK(after.import().steps.at(1).type == "BatchNorm2d");
  CHECK(parameter(after.import(), 1, "running_var") == Floats{4, 16});
  graph.node("Relu", {"n"}, "r")
      .node("BatchNormalization", {"r", "s", "b", "m", "v"}, "y", g::real("epsilon", 0))
      .output("y");
  const auto network = graph.import();
  CHECK(network.steps.at(3).type == "ChannelAffine");
  CHECK(parameter(network, 3, "weight") == Floats{0.5f, 0.5f});
  CHECK(parameter(network, 3, "bias") == Floats{0.5f, 1});
}

TEST_CASE("a product and a sum are a Linear with a bias") {
  Graph graph;
  graph.input("x", {-1, 2}).weight("fc.weight", {2, 3}).weight("b", {3});
  graph.node("MatMul", {"x", "fc.weight"}, "p").node("Add", {"p", "b"}, "y").output("y");
  const auto network = graph.import();
  CHECK(graph.calls() == "Linear{.in_features = 2, .out_features = 3} $m($0)");
  CHECK(parameter(network, 0, "weight") == Floats{1, 4, 2, 5, 3, 6});
  CHECK(parameter(network, 0, "bias") == Floats{1, 2, 3});
  CHECK(network.steps[0].name == "fc");
}

TEST_CASE("the columns of a Linear after a flattened map are in the order of the map here") {
  Graph graph;
  graph.input("x", {1, 2, 1, 2})
      .weight("w", {1, 4})
      .node("Flatten", {"x"}, "f")
      .node("Gemm", {"f", "w"}, "y", g::integer("transB", 1) + g::real("alpha", 2))
      .output("y");
  CHECK(graph.calls() == "flatten($0); Linear{.in_features = 4, .out_features = 1, .bias = false} $m($0)");
  CHECK(parameter(graph.import(), 1, "weight") == Floats{2, 6, 4, 8});
}

TEST_CASE("weights that do not fit are refused") {
  CHECK(has(g::one(Graph().weight("w", {8, 4, 3, 3}), "Conv", {1, 3, 9, 9}, {}, {"w"}), "does not fit 3 channels"));
  CHECK(has(g::one(Graph().weight("w", {8, 3, 3}), "Conv", {1, 3, 9, 9}, {}, {"w"}), "its weight is [8, 3, 3]"));
  CHECK(
      has(g::one(Graph().weight("w", {8, 3, 3, 3}), "Conv", {1, 3, 9, 9}, g::integer("group", 0), {"w"}), "0 groups"));
  CHECK(has(g::one(Graph().weight("w", {8, 3, 3, 3}), "Conv", {1, 3, 9, 9}, g::integers("kernel_shape", {5, 5}), {"w"}),
            "kernel_shape"));
  CHECK(has(g::one(Graph().weight("w", {8, 3, 3, 3}), "Conv", {1, 3, 2, 2}, {}, {"w"}), "does not fit [2, 2]"));
  CHECK(has(g::one(Graph().weight("w", {3, 2}), "MatMul", {1, 4}, {}, {"w"}), "do not fit each other"));
  CHECK(has(g::one(Graph().weight("w", {3, 2, 1}), "PRelu", {1, 3, 2, 2}, {}, {"w"}), "one for each channel"));
  CHECK(has(g::one({}, "Conv", {1, 3, 9, 9}, {}, {"x"}), "quench needs a constant there"));
}
