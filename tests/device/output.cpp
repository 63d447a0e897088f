// SPDX-License-Identifier: Apache-2.0
// Channels, scales and the largest value of an output.
#include <quench/device/output.hpp>

#include <doctest/doctest.h>

#include <quench/device/facts.hpp>

#include "device/weights.hpp"

namespace q = quench;
using many_operators::Weights;

TEST_CASE("argmax compares real values, not raw ones") {
  static q::embedded::Model<Weights> model;
  model.run(many_operators::pixels.values, many_operators::features.values);
  const auto up = model.output<1>();
  int best = 0;
  for (int i = 1; i < up.size(); ++i)
    if (static_cast<double>(up[i]) * static_cast<double>(up.scale(i)) >
        static_cast<double>(up[best]) * static_cast<double>(up.scale(best)))
      best = i;
  CHECK(q::embedded::argmax(up) == best);

  // A raw value twice as large at a quarter of the scale is the smaller one; of equal ones the first wins.
  static constexpr std::int32_t values[] = {10, 20, -5};
  q::embedded::Output<std::int32_t> output = model.output<0>();
  output.values = values;
  output.scales = {Weights::scales, Weights::multipliers, 3};
  CHECK(q::embedded::argmax(output) == 0);  // 10 * 0.5 = 20 * 0.25
  static constexpr std::int32_t other[] = {10, 21, -5};
  output.values = other;
  CHECK(q::embedded::argmax(output) == 1);
}

namespace {

struct MovedChannels {
  using Inputs = q::Inputs<q::Features<2, 3, 4>>;
  q::QuantStub quant;
  q::Conv2d conv{.in_channels = 4, .out_channels = 5, .kernel_size = 1};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto y = q::slice(q::permute(conv(quant(x)), {2, 0, 1}), 0, 1, 4);  // [3, 2, 3]
    return dequant(q::reshape(q::slice(y, 2, 1, 3), {12}));             // [3, 2, 2]
  }
};

}  // namespace

TEST_CASE("the channel of an element is found through permute, slice and reshape") {
  constexpr const q::Graph& graph = q::graph<MovedChannels>;
  const int node = graph.operand(graph.nodes[graph.outputs[0]], 0);
  static_assert(q::embedded::detail::move_count<MovedChannels, 0> == 3);
  q::embedded::Output<std::int32_t> output;
  output.moves = q::embedded::detail::moves<MovedChannels, 0>.of;
  output.move_count = 3;
  output.channels = q::embedded::detail::channels_of<MovedChannels, 0>;
  for (int i = 0; i < 12; ++i) {
    CHECK(q::embedded::channel_of(graph, node, i) == 1 + i / 4);
    CHECK(output.channel(i) == 1 + i / 4);
  }
}

TEST_CASE("an element of a permute or slice names the element of its operand") {
  const q::Shape x(2, 3, 4);
  q::Node permuted;
  permuted.op = q::Operator::Permute;
  permuted.shape = q::Shape(4, 2, 3);
  for (const int axis : {0, 1, 2}) permuted.settings.axes[axis] = (axis + 2) % 3;
  q::Node sliced;
  sliced.op = q::Operator::Slice;
  sliced.shape = q::Shape(2, 2, 4);
  sliced.settings.axes[0] = 1;
  sliced.settings.begin[0] = 1;
  for (int i = 0; i < 24; ++i)  // [k, i, j] of the result is [i, j, k] of x
    CHECK(q::embedded::source_element(permuted, x, i) == i % 6 / 3 * 12 + i % 3 * 4 + i / 6);
  for (int i = 0; i < 16; ++i) CHECK(q::embedded::source_element(sliced, x, i) == i / 8 * 12 + i % 8 + 4);
}
