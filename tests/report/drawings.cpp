// SPDX-License-Identifier: Apache-2.0
#include <quench/report/drawings.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <numeric>
#include <type_traits>

#include "../examples/fashion_resnet.hpp"
#include "browser/uneven.hpp"
#include "networks/mobilenet_v2.hpp"

namespace q = quench;
namespace detail = quench::detail;

namespace {

/// Lines that read the line before them and others, given by number.
std::vector<detail::GraphLine> lines_that_read(const std::vector<std::vector<int>>& operands) {
  std::vector<detail::GraphLine> lines;
  for (const std::vector<int>& each : operands)
    lines.push_back({static_cast<int>(lines.size()), "line" + std::to_string(lines.size()), "op", each});
  return lines;
}

template <class Net>
detail::Arena arena_of() {
  constexpr const auto& plan = q::device::memory_plan<Net>;
  return {std::span(plan.buffers).first(static_cast<std::size_t>(plan.buffer_count)), plan.buffer_of, plan.arena_bytes,
          plan.lower_bound};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool contains_text(const std::string& text, const std::string& part) { return count(text, part) > 0; }

}  // namespace

TEST_CASE("a line of the graph is a step with all that is part of it") {
  const auto lines = detail::graph_lines(q::graph<FashionResNet>);
  const auto find = [&](const std::string& name) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (lines[i].name == name) return static_cast<int>(i);
    FAIL("no line " << name);
    return -1;
  };
  CHECK(lines.size() == 18);  // without 8 batch norms, 4 ReLUs and a flatten
  CHECK(lines[0].operators == "Input");
  CHECK(lines[static_cast<std::size_t>(find("stem"))].operators == "Conv2d + BatchNorm2d + ReLU");
  CHECK(lines[static_cast<std::size_t>(find("block2.conv2"))].operators == "Conv2d + BatchNorm2d");
  CHECK(lines[static_cast<std::size_t>(find("pool"))].operators == "GlobalAvgPool2d + flatten");
  CHECK(lines[static_cast<std::size_t>(find("block1.add"))].operands ==
        std::vector<int>{find("block1.shortcut"), find("block1.conv2")});
  CHECK(lines[static_cast<std::size_t>(find("block1.conv1"))].operands == std::vector<int>{find("stem")});
  CHECK(lines.back().operands == std::vector<int>{find("classifier")});
}

TEST_CASE("connections to the next line are straight, and others are curves in lanes of their own") {
  const detail::Connections straight = detail::draw_connections(lines_that_read({{}, {0}, {1}}), 40);
  CHECK(contains_text(straight.svg, "<path class=edge d=\"M16 20V60M16 60V100\" /><path class=edge d=\"\" />"));
  CHECK(count(straight.svg, "<circle ") == 3);
  CHECK(contains_text(straight.svg, "Each call reads the one before it."));
  // 0 to 2, and 2 to 4: one lane. 0 to 2 and 1 to 3 cross: two lanes.
  const detail::Connections chain = detail::draw_connections(lines_that_read({{}, {0}, {1, 0}, {2}, {3, 2}}), 40);
  const detail::Connections crossed = detail::draw_connections(lines_that_read({{}, {0}, {1, 0}, {2, 1}}), 40);
  CHECK(chain.width == straight.width + 14);
  CHECK(crossed.width == straight.width + 28);
  CHECK(contains_text(crossed.svg, "line0 to line2, line1 to line3."));
  CHECK(contains_text(crossed.svg, "height=160 "));
  // A line that does not read the one before it has no connection to it.
  CHECK(contains_text(detail::draw_connections(lines_that_read({{}, {}, {0, 1}}), 40).svg, "d=\"M30 60V100\" />"));
  // Many lanes take no more room.
  std::vector<std::vector<int>> dense(40);
  for (std::size_t i = 0; i < dense.size(); ++i) {
    dense[i].resize(i);
    std::iota(dense[i].begin(), dense[i].end(), 0);
  }
  CHECK(detail::draw_connections(lines_that_read(dense), 40).width < 160);
}

TEST_CASE("the peak of the arena is the step at which the live buffers have the most bytes") {
  const auto check = []<class Net>(std::type_identity<Net>) {
    const q::Graph& graph = q::graph<Net>;
    const auto lines = detail::graph_lines(graph);
    const detail::Arena arena = arena_of<Net>();
    const detail::Peak peak = detail::find_peak(graph, lines, arena);
    int sum = 0;
    for (const detail::PeakBuffer& buffer : peak.buffers) sum += buffer.bytes;
    CHECK(sum == arena.lower_bound);
    const std::string svg = detail::draw_arena(graph, lines, arena);
    CHECK(count(svg, "<rect ") == arena.buffers.size());
    CHECK(count(svg, "class=\"buffer peak\"") == peak.buffers.size());
    CHECK(contains_text(svg, "peak: " + lines[static_cast<std::size_t>(peak.line)].name + "<"));
    return svg;
  };
  const std::string svg = check(std::type_identity<FashionResNet>{});
  CHECK(contains_text(svg, "<title>stem: 12,544 bytes from offset 0, steps 2 to 5</title>"));
  CHECK(contains_text(svg, "<title>classifier: "));
  check(std::type_identity<networks::MobileNetV2>{});
  check(std::type_identity<uneven::Net>{});
}

TEST_CASE("a histogram has the range of the codes, and bars outside of it") {
  const auto model = uneven::float_model();
  const auto quantized = uneven::quantized(model);
  const q::IntegerConstants& constants = quantized.core().constants();
  const q::Graph& graph = q::graph<uneven::Net>;
  const auto drawn = [&](const char* module, const std::vector<float>& values) {
    const int node = graph.modules[graph.find_module({module, static_cast<int>(std::strlen(module))})].node;
    detail::ValueHistogram histogram;
    histogram.add(values, constants.scales(node), constants.dtype(node));
    return detail::draw_histogram({node, module, "", {}}, histogram, constants);
  };
  const std::string both = drawn("second", {-0.3f, -0.1f, 0.1f, 0.3f});
  CHECK(contains_text(both, "Real values of second"));
  CHECK(contains_text(both, "From -0.3 to 0.3. The codes represent -0.251 to 0.249, and 2 of 4 values lie outside."));
  CHECK(contains_text(both, ">code -128<"));
  CHECK(contains_text(both, ">code 127<"));
  CHECK(count(both, "<path class=bars d=") == 1);
  CHECK(count(both, "<path class=\"bars outside\" d=") == 1);
  // Half of the codes is far from values that are positive, and no value is outside.
  const std::string positive = drawn("second", {0.01f, 0.1f, 0.2f});
  CHECK(!contains_text(positive, ">code -128<"));
  CHECK(contains_text(positive, ">code 127<"));
  CHECK(!contains_text(positive, "bars outside"));
  // Codes of 32 bits reach far beyond the values.
  CHECK(!contains_text(drawn("head", std::vector<float>(10, 1.0f)), ">code"));
  const std::string zeros = drawn("second", {0, 0});
  CHECK(!contains_text(zeros, "class=bars"));
  CHECK(!contains_text(zeros, "nan"));
}
