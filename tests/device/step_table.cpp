// SPDX-License-Identifier: Apache-2.0
// The packed table says of each step what the graph says.
#include <quench/device/step_table.hpp>

#include <doctest/doctest.h>

#include "device/weights.hpp"

namespace q = quench;
namespace k = quench::kernels;
using many_operators::Weights;

namespace {

constexpr const q::Graph& graph = q::graph<many_operators::Net>;
constexpr const auto& plan = q::device::memory_plan<many_operators::Net, Weights>;

bool equal(const k::Window& a, const k::Window& b) {
  return a.kernel_size == b.kernel_size && a.stride == b.stride && a.padding == b.padding && a.dilation == b.dilation;
}

void check_constants(const q::device::StepConstants& a, const q::device::StepConstants& b) {
  CHECK((a.weight == b.weight && a.bias == b.bias && a.requantization == b.requantization && a.counts == b.counts));
  CHECK((a.addition == b.addition && a.scalar_addition == b.scalar_addition && a.int8_table == b.int8_table));
  CHECK((a.int16_table == b.int16_table && a.piecewise == b.piecewise && a.softmax == b.softmax));
  CHECK((a.row_norm == b.row_norm && a.low == b.low && a.high == b.high && a.x_shift == b.x_shift));
  CHECK(a.is_negative == b.is_negative);
}

void check_settings(const q::device::PackedStep& step, const q::Node& node, const q::Shape& x) {
  const q::Settings& s = node.settings;
  switch (step.family()) {
    case q::Family::Convolution:
    case q::Family::TransposedConvolution: {
      const k::Convolution a = step.convolution(), b = k::convolution_of(node, x, step.constants().x_shift);
      CHECK((a.x == b.x && a.y == b.y && a.groups == b.groups && a.x_shift == b.x_shift && equal(a.window, b.window)));
      break;
    }
    case q::Family::MaxPool:
    case q::Family::AveragePool: {
      const k::Pool a = step.pool(), b = k::pool_of(node, x);
      CHECK((a.x == b.x && a.y == b.y && a.counted == b.counted && a.is_adaptive == b.is_adaptive));
      CHECK(equal(a.window, b.window));
      break;
    }
    case q::Family::Linear:
      CHECK((step.channels().in == s.in_channels && step.channels().out == s.out_channels));
      break;
    case q::Family::Cat: CHECK(step.axis_of_cat() == q::cat_axis(node)); break;
    case q::Family::Reduction: {
      const q::Settings read = step.settings<q::Family::Reduction>();
      CHECK(read.axis_count == s.axis_count);
      for (int i = 0; i < s.axis_count; ++i) CHECK(read.axes[i] == s.axes[i]);
      break;
    }
    case q::Family::Move: {
      const q::Settings read = step.settings<q::Family::Move>();
      for (int i = 0; i < q::max_rank; ++i)
        CHECK((read.axes[i] == s.axes[i] && read.begin[i] == s.begin[i] && read.end[i] == s.end[i]));
      break;
    }
    case q::Family::Upsample: {
      const q::Settings read = step.settings<q::Family::Upsample>();
      CHECK((read.scale_factor == s.scale_factor && read.mode == s.mode && read.coordinates == s.coordinates));
      CHECK(read.nearest_mode == s.nearest_mode);
      break;
    }
    default: break;  // no settings
  }
}

}  // namespace

TEST_CASE("the packed table says of each step what the graph says") {
  static unsigned char arena[static_cast<std::size_t>(plan.arena_bytes)];
  q::device::PackedStep step(q::device::step_table_view<Weights>, arena);
  int count = 0;
  for (int n = 0; n < graph.node_count; ++n) {
    const q::Node& node = graph.nodes[n];
    if (!q::device::is_step(graph, n) || node.op == q::Operator::QuantStub) continue;
    CAPTURE(n);
    step.advance();
    ++count;
    REQUIRE(step.op() == node.op);
    CHECK(step.family() == q::family_of(node.op));
    CHECK(step.shape() == node.shape);
    CHECK(step.dtype() == q::device::node_dtypes<many_operators::Net, Weights>.of[n]);
    CHECK(step.result() == arena + plan.offset_of(n));
    REQUIRE(step.operand_count() == node.operand_count);
    for (int i = 0; i < node.operand_count; ++i) {
      const int operand = graph.operand(node, i);
      CHECK(step.shape(i) == graph.nodes[operand].shape);
      CHECK(step.dtype(i) == q::device::node_dtypes<many_operators::Net, Weights>.of[operand]);
      CHECK(step.operand(i) == arena + plan.offset_of(operand));
    }
    check_constants(step.constants(), Weights::steps[n]);
    check_settings(step, node, graph.operand_node(node, 0).shape);
  }
  CHECK(count == q::device::detail::step_sizes<Weights>.step_count);
}

TEST_CASE("equal shapes are stored once, and the table is small") {
  const auto& table = q::device::step_table<Weights>;
  for (const q::Shape& a : table.shapes)
    for (const q::Shape& b : table.shapes) CHECK((&a == &b || !(a == b)));
  const auto pointers = sizeof(table.pointers) / sizeof(void*);  // of 4 bytes each on a device
  CHECK(sizeof(table) - sizeof(table.pointers) + 4 * pointers <= 64 * static_cast<std::size_t>(graph.node_count));
}
