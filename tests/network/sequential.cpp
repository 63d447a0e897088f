// SPDX-License-Identifier: Apache-2.0
#include <quench/network/sequential.hpp>

#include <array>
#include <doctest/doctest.h>

#include <quench/network.hpp>

namespace q = quench;

namespace {

struct SequentialBlock {
  q::Linear linear{.in_features = 4, .out_features = 4};
  constexpr auto forward(auto x) const { return linear(x); }
};

constexpr int sequential_first_line = __LINE__;
struct SequentialNet {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  std::array<SequentialBlock, 2> blocks;
  std::tuple<> nothing;
  std::array<SequentialBlock, 0> none;
  std::tuple<std::array<q::ReLU, 2>, std::tuple<q::ReLU6, SequentialBlock>> nested;
  q::ReLU array[2];
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    x = q::sequential(blocks, quant(x));
    return dequant(q::sequential(array, q::sequential(nested, q::sequential(nothing, q::sequential(none, x)))));
  }
};
struct Short {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  std::tuple<q::Linear, q::ReLU, SequentialBlock> mixed{q::Linear{.in_features = 4, .out_features = 4}, {}, {}};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(q::sequential(mixed, quant(x))); }  // the first line + 20
};
static_assert(q::verified<SequentialNet>() && q::verified<Short>());

constexpr bool calls_in_order() {
  constexpr q::Graph graph = q::graph<Short>;
  constexpr const char* expected[] = {"Input", "quant", "mixed.0", "mixed.1", "mixed.2.linear", "dequant"};
  bool in_order = graph.node_count == 6;
  for (int n = 0; n < graph.node_count; ++n) {
    const q::TextView name = graph.name_of_node(graph.nodes[n]);
    for (int i = 0; i < name.size; ++i) in_order = in_order && name[i] == expected[n][i];
    in_order = in_order && expected[n][name.size] == '\0';
    if (n > 0) in_order = in_order && graph.operand(graph.nodes[n], 0) == n - 1;
  }
  return in_order && graph.nodes[2].line == sequential_first_line + 20;
}

}  // namespace

static_assert(calls_in_order());

TEST_CASE("layers are called one after the other, by the line that asks for it") { CHECK(calls_in_order()); }
