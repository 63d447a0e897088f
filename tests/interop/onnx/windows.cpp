// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/windows.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_graph.hpp"

namespace g = onnx_graph;
using g::Graph;
using g::has;

TEST_CASE("pools") {
  const auto kernel = g::integers("kernel_shape", {3, 3});
  CHECK(g::one({}, "MaxPool", {1, 2, 8, 8},
               kernel + g::integers("strides", {2, 2}) + g::integers("pads", {1, 1, 1, 1})) ==
        "MaxPool2d{.kernel_size = 3, .stride = 2, .padding = 1} $m($0)");
  CHECK(g::one({}, "AveragePool", {1, 2, 9, 9}, kernel + g::integers("strides", {3, 3})) ==
        "AvgPool2d{.kernel_size = 3} $m($0)");
  CHECK(g::one({}, "AveragePool", {1, 2, 8, 8}, kernel + g::word("auto_pad", "SAME_UPPER")) ==
        "AvgPool2d{.kernel_size = 3, .stride = 1, .padding = Padding::Same, .count_include_pad = false} $m($0)");
  CHECK(g::one({}, "MaxPool", {1, 2, 8}, g::integers("kernel_shape", {2}) + g::word("auto_pad", "SAME_LOWER")) ==
        "MaxPool1d{.kernel_size = 2, .stride = 1, .padding = {1, 0}} $m($0)");
  CHECK(g::one({}, "GlobalMaxPool", {1, 2, 8, 8}) == "AdaptiveMaxPool2d{.output_size = 1} $m($0)");
}

TEST_CASE("windows that do not fit are refused") {
  CHECK(has(g::one({}, "MaxPool", {1, 2, 8, 8}), "kernel"));
  CHECK(has(g::one({}, "MaxPool", {1, 2, 8, 8}, g::integers("kernel_shape", {9, 9})), "does not fit [8, 8]"));
  CHECK(has(g::one({}, "MaxPool", {1, 2, 8, 8}, g::integers("kernel_shape", {3})), "do not fit 2 axes"));
  CHECK(has(g::one({}, "MaxPool", {1, 2, 8, 8}, g::integers("kernel_shape", {INT64_MAX, 1})), "its kernel_shape have"));
  CHECK(has(g::one({}, "MaxPool", {1, 2, 8, 8}, g::integers("kernel_shape", {2, 2}) + g::integers("strides", {0, 1})),
            "its strides have 0"));
  for (const char* pool : {"MaxPool", "AveragePool"}) {
    const auto padded = [&](std::int64_t before, std::int64_t after) {
      return g::one({}, pool, {1, 2, 8, 8},
                    g::integers("kernel_shape", {3, 3}) + g::integers("pads", {0, before, 0, after}));
    };
    CHECK(has(padded(2, 0), "its padding is more than half its kernel"));
    CHECK(has(padded(1, 2), "its padding is more than half its kernel"));
    CHECK(has(padded(1, 1), ".padding = {0, 1}"));
  }
  const auto dilated = g::integers("kernel_shape", {2, 2}) + g::integers("dilations", {3, 3});
  CHECK(has(g::one({}, "MaxPool", {1, 2, 2, 4}, dilated + g::integers("pads", {1, 1, 1, 1})), "may hold no pixel"));
}

TEST_CASE("resizing in all operator sets") {
  Graph scales;
  scales.weight("s", {4}, 1, 0).weight("two", {4}, 0.5f, 0.5f);
  CHECK(g::one(Graph{.opset = 9}.weight("s", {4}, 1, 0), "Upsample", {1, 2, 8, 8}, {}, {"s"}).empty());
  Graph sizes;
  sizes.list("n", {1, 2, 16, 16});
  CHECK(g::one(sizes, "Resize", {1, 2, 8, 8}, g::word("mode", "linear"), {"", "", "n"}) ==
        "Upsample{.scale_factor = 2, .mode = InterpolationMode::Bilinear, .coordinates = CoordinateMode::HalfPixel} "
        "$m($0)");
  Graph channels;
  channels.list("n", {1, 4, 16, 16});
  CHECK(g::one(channels, "Resize", {1, 2, 8, 8}, {}, {"", "", "n"}).find("resizes the channels") != std::string::npos);
}
