// SPDX-License-Identifier: Apache-2.0
#include <quench/network/graph.hpp>

#include <doctest/doctest.h>

namespace q = quench;

namespace {

constexpr q::Node layer(q::Operator op, int in, int out, q::Pair kernel = 1, int groups = 1, bool bias = true) {
  q::Node node;
  node.op = op;
  node.settings.in_channels = in;
  node.settings.out_channels = out;
  node.settings.kernel_size = kernel;
  node.settings.groups = groups;
  node.settings.bias = bias;
  return node;
}

constexpr q::Node norm(q::Operator op, q::Axes shape, bool has_weight, bool has_bias) {
  q::Node node;
  node.op = op;
  node.settings = q::detail::axes_settings(shape);
  node.settings.elementwise_affine = has_weight;
  node.settings.bias = has_bias;
  return node;
}

constexpr bool norms_of_rows_have_a_weight_for_each_value() {
  using q::Operator;
  return parameter_count(norm(Operator::LayerNorm, {5, 7}, true, true)) == 70 &&
         parameter_count(norm(Operator::LayerNorm, {5, 7}, true, false)) == 35 &&
         parameter_count(norm(Operator::LayerNorm, {5, 7}, false, false)) == 0 &&
         parameter_count(norm(Operator::RMSNorm, 7, true, false)) == 7 &&
         parameter_count(norm(Operator::RMSNorm, {5, 0}, true, true)) == 0 &&
         weight_shape(norm(Operator::LayerNorm, {5, 7}, true, true)) == q::Shape(5, 7) &&
         weight_shape(norm(Operator::LayerNorm, {5, 7}, false, false)).rank == 0;
}

constexpr bool counts_parameters() {
  using q::Operator;
  return parameter_count(layer(Operator::Conv2d, 16, 32, {3, 5})) == 16 * 32 * 15 + 32 &&
         parameter_count(layer(Operator::Conv2d, 32, 32, 3, 32, false)) == 32 * 9 &&
         parameter_count(layer(Operator::ConvTranspose2d, 8, 4, 2, 2)) == 4 * 4 * 4 + 4 &&
         parameter_count(layer(Operator::Linear, 10, 3)) == 33 &&
         parameter_count(layer(Operator::BatchNorm2d, 7, 7)) == 14 &&
         parameter_count(layer(Operator::ChannelAffine, 7, 7)) == 14 &&
         parameter_count(layer(Operator::PReLU, 7, 7, 1, 1, false)) == 7 &&
         parameter_count(layer(Operator::Embedding, 9, 4, 1, 1, false)) == 36 &&
         parameter_count(layer(Operator::ReLU, 7, 7)) == 0 && parameter_count(layer(Operator::Add, 7, 7)) == 0;
}

constexpr bool shapes_weights() {
  using q::Operator;
  using q::Shape;
  return weight_shape(layer(Operator::Conv2d, 16, 32, {3, 5}, 4)) == Shape(32, 3, 5, 4) &&
         weight_shape(layer(Operator::ConvTranspose2d, 8, 4, 2, 2)) == Shape(4, 2, 2, 4) &&
         weight_shape(layer(Operator::Linear, 10, 3)) == Shape(3, 10) &&
         weight_shape(layer(Operator::BatchNorm2d, 7, 7)) == Shape(7) &&
         weight_shape(layer(Operator::ChannelAffine, 7, 7)) == Shape(7) &&
         weight_shape(layer(Operator::PReLU, 7, 7)) == Shape(7) &&
         weight_shape(layer(Operator::Embedding, 9, 4)) == Shape(9, 4) &&
         weight_shape(layer(Operator::Conv2d, 4, 2, 1, 0)).rank == 4 &&
         weight_shape(layer(Operator::GELU, 7, 7)).rank == 0;
}

// No product here overflows, or the compiler would refuse it.
constexpr bool holds_huge_counts() {
  const int huge = q::max_elements;
  q::Node nodes[2];
  for (q::Node& node : nodes) node = layer(q::Operator::Conv2d, huge, huge, huge);
  q::Module modules[2];
  for (int m = 0; m < 2; ++m) modules[m].node = modules[m].parameters_from = m;
  q::Graph graph;
  graph.nodes = nodes;
  graph.modules = modules;
  graph.module_count = 2;
  return parameter_count(nodes[0]) >= q::max_parameters && parameter_count(graph) == q::max_parameters &&
         parameter_count(layer(q::Operator::Conv2d, huge, huge, {huge, -1})) == 0 &&
         parameter_count(layer(q::Operator::Linear, huge, huge)) == static_cast<long long>(huge) * huge + huge;
}

// Four Linear(10, 3): the second is tied to the first, the third is never called.
constexpr bool counts_tied_parameters_once() {
  q::Node nodes[4];
  q::Module modules[4];
  for (int m = 0; m < 4; ++m) {
    nodes[m] = layer(q::Operator::Linear, 10, 3);
    modules[m].node = m;
    modules[m].parameters_from = m;
  }
  q::Graph graph;
  graph.nodes = nodes;
  graph.modules = modules;
  graph.module_count = 4;
  const bool all = parameter_count(graph) == 4 * 33;
  modules[1].parameters_from = 0;
  modules[2].node = -1;
  return all && parameter_count(graph) == 2 * 33;
}

constexpr bool operands_are_those_of_the_node() {
  q::Node nodes[3];
  nodes[0].line = 10;
  nodes[1].line = 11;
  nodes[2].first_operand = 1;
  const int operands[] = {2, 1, 0};
  q::Graph graph;
  graph.nodes = nodes;
  graph.operands = operands;
  return graph.operand(nodes[2], 0) == 1 && graph.operand(nodes[2], 1) == 0 &&
         graph.operand_node(nodes[2], 0).line == 11;
}

constexpr bool arrays_have_a_bound() { return q::array_size(0) == 1 && q::array_size(1) == 1 && q::array_size(7) == 7; }

constexpr bool finds_modules_by_name() {
  q::Module modules[2];
  modules[0].name = "block.conv";
  modules[1].name = "block.conv1";
  q::Graph graph;
  graph.modules = modules;
  graph.module_count = 2;
  q::Node first, named, free;
  first.module = 0;
  named.module = 1;
  free.op = q::Operator::Permute;
  return graph.find_module("block.conv1") == 1 && graph.find_module("block.conv") == 0 &&
         graph.find_module("block") == -1 && graph.name_of_node(first) == q::TextView("block.conv") &&
         graph.name_of_node(named) == q::TextView("block.conv1") && graph.name_of_node(free) == q::TextView("permute");
}

}  // namespace

static_assert(counts_parameters());
static_assert(norms_of_rows_have_a_weight_for_each_value());
static_assert(shapes_weights());
static_assert(holds_huge_counts());
static_assert(counts_tied_parameters_once());
static_assert(operands_are_those_of_the_node());
static_assert(arrays_have_a_bound());
static_assert(finds_modules_by_name());

TEST_CASE("parameters are weights and biases") { CHECK(counts_parameters()); }
TEST_CASE("norms of rows have a weight for each value") { CHECK(norms_of_rows_have_a_weight_for_each_value()); }
TEST_CASE("weights are [out, kh, kw, in / groups]") { CHECK(shapes_weights()); }
TEST_CASE("counts of huge layers do not wrap around") { CHECK(holds_huge_counts()); }
TEST_CASE("tied parameters count once, those of a layer never called not at all") {
  CHECK(counts_tied_parameters_once());
}
TEST_CASE("the operands of a node begin where it says") { CHECK(operands_are_those_of_the_node()); }
TEST_CASE("no array has a bound of zero") { CHECK(arrays_have_a_bound()); }
TEST_CASE("modules are found by their whole name") { CHECK(finds_modules_by_name()); }
