// SPDX-License-Identifier: Apache-2.0
#include <quench/training/pass_plan.hpp>

#include <doctest/doctest.h>

#include <quench/network.hpp>

#include "networks/small.hpp"

namespace q = quench;
using q::training::Form;
using q::training::PassPlan;

namespace {

std::vector<q::DType> dtypes_of(const q::Graph& graph) {
  std::vector<q::DType> dtypes(static_cast<std::size_t>(graph.node_count));
  q::write_dtypes<q::Int8Everywhere>(graph, dtypes.data());
  return dtypes;
}

struct Chain {
  using Inputs = q::Inputs<q::Features<8, 8, 16>>;
  q::QuantStub quant;
  std::array<q::Conv2d, 6> convs{{{.in_channels = 16, .out_channels = 16, .kernel_size = 1},
                                  {.in_channels = 16, .out_channels = 16, .kernel_size = 1},
                                  {.in_channels = 16, .out_channels = 16, .kernel_size = 1},
                                  {.in_channels = 16, .out_channels = 16, .kernel_size = 1},
                                  {.in_channels = 16, .out_channels = 16, .kernel_size = 1},
                                  {.in_channels = 16, .out_channels = 16, .kernel_size = 1}}};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = quant(x);
    for (const auto& conv : convs) x = conv(x);
    return dequant(x);
  }
};

}  // namespace

TEST_CASE("tensors that nothing reads any more are reused, those that are kept are not") {
  const q::Graph& graph = q::graph<Chain>;
  const std::size_t map = 8 * 8 * 16;
  // Two maps of codes at a time; at the end one, and its real values.
  CHECK(PassPlan(graph, Form::Quantized, dtypes_of(graph), q::training::output_nodes(graph)).bytes(1) == 6 * map);
  CHECK(PassPlan(graph, Form::Float, {}, q::training::output_nodes(graph)).bytes(1) == 2 * 4 * map);
  std::vector<int> all;
  for (int n = 0; n < graph.node_count; ++n) all.push_back(n);
  CHECK(PassPlan(graph, Form::Quantized, dtypes_of(graph), all).bytes(1) == (7 + 4) * map);
  CHECK(PassPlan(graph, Form::Float, {}, all).bytes(1) == 6 * 4 * map);  // the input lies where it was given
  CHECK(PassPlan(graph, Form::Float, {}, all).bytes(5) == 5 * 6 * 4 * map);
}

TEST_CASE("in training no tensor shares memory, and steps have the values that they round") {
  const q::Graph& graph = q::graph<Chain>;
  const std::size_t map = 8 * 8 * 16;
  // Seven maps of codes with the values before rounding. The last one also has its real values.
  CHECK(PassPlan::of_training(graph, Form::Quantized, dtypes_of(graph)).bytes(1) == (7 * 5 + 4) * map);
  const PassPlan in_float = PassPlan::of_training(graph, Form::Float, {});
  CHECK(in_float.bytes(1) == 7 * 4 * map);  // the input is copied
  CHECK(in_float.bytes(3) == 3 * 7 * 4 * map);
  for (int n = 0; n < graph.node_count; ++n) CHECK_FALSE(in_float.has_unrounded(n));
}

TEST_CASE("a block fits the cache, and each thread has several") {
  const q::Graph& graph = q::graph<Chain>;
  const PassPlan plan(graph, Form::Quantized, dtypes_of(graph), q::training::output_nodes(graph));
  const int block = plan.block(1000, 1);
  CHECK(plan.bytes(block) <= PassPlan::block_bytes);
  CHECK(plan.bytes(block + 1) > PassPlan::block_bytes);
  CHECK(plan.block(1 << 30, 1) == block);
  CHECK(plan.block(3, 1) == 3);
  CHECK(plan.block(64, 4) == 4);
  CHECK(plan.block(3, 4) == 1);
}

TEST_CASE("nodes between the stubs have integers, and real values where a DeQuantStub gives them") {
  const q::Graph& graph = q::graph<small::ResNet>;
  const PassPlan plan(graph, Form::Quantized, dtypes_of(graph), q::training::output_nodes(graph));
  for (int n = 0; n < graph.node_count; ++n) {
    CHECK(plan.is_integer(n) == (graph.nodes[n].domain == q::Domain::Quantized));
    if (graph.nodes[n].op == q::Operator::DeQuantStub) CHECK(plan.has_reals(n));
    if (graph.nodes[n].op == q::Operator::Add) CHECK_FALSE(plan.has_reals(n));
  }
}
