// SPDX-License-Identifier: Apache-2.0
// The integers before a DeQuantStub: their scales, the channels that they come from, and the largest of them.
//
// Each channel of an int32 output has its own scale. An element of an output may have moved since: through permute and
// slice. flatten and reshape keep it in its place. Freestanding.
#pragma once

#include <cstdint>

#include <quench/kernels/rows.hpp>
#include <quench/network/graph.hpp>

namespace quench::embedded {

/// Where the elements of a permute or slice come from: element i of `shape` is element `offset` + Σ position * stride of
/// the operand.
struct ElementMove {
  Shape shape;
  int strides[max_rank]{};
  int offset = 0;

  constexpr ElementMove() = default;
  /// The move of a permute or slice of a tensor of shape `x`.
  constexpr ElementMove(const Node& node, const Shape& x) : shape(node.shape) {
    const kernels::Strides of_operand = kernels::strides_of(x);
    for (int axis = 0; axis < shape.rank; ++axis) {
      strides[axis] = of_operand[node.op == Operator::Permute ? node.settings.axes[axis] : axis];
      if (node.op == Operator::Slice && axis == node.settings.axes[0]) offset = node.settings.begin[0] * strides[axis];
    }
  }
  constexpr int source(int i) const {
    int result = offset;
    for (int axis = shape.rank - 1; axis >= 0; --axis) {
      result += i % shape[axis] * strides[axis];
      i /= shape[axis];
    }
    return result;
  }
};

/// The index of the operand's element that is element i of the output of a permute or slice.
constexpr int source_element(const Node& node, const Shape& x, int i) { return ElementMove(node, x).source(i); }

/// Calls f(move) for each permute and slice between the values of a node and the module that they come from, the last one
/// first. Returns the node of the module.
template <class F>
constexpr int for_each_move(const Graph& graph, int node, const F& f) {
  for (;; node = graph.operand(graph.nodes[node], 0)) {
    const Node& at = graph.nodes[node];
    if (at.op == Operator::Permute || at.op == Operator::Slice)
      f(ElementMove(at, graph.operand_node(at, 0).shape));
    else if (!row_of(at.op).passes_accumulators)
      return node;
  }
}

/// The channel of the module that element i of a node came from, before flatten, reshape, permute and slice.
constexpr int channel_of(const Graph& graph, int node, int i) {
  const int module = for_each_move(graph, node, [&i](const ElementMove& move) { i = move.source(i); });
  return i % graph.nodes[module].shape.channels();
}

/// The scales of an output: one, or one for each channel.
struct OutputScales {
  const float* values = nullptr;               // float data
  const std::uint16_t* multipliers = nullptr;  // relative to the largest, for argmax; none for one scale
  int count = 1;
};

/// The integers before one DeQuantStub. They lie in the model's arena until its next run.
template <class T>
struct Output {
  const T* values = nullptr;
  Shape shape{};
  OutputScales scales{};
  const ElementMove* moves = nullptr;  // since the module that the values come from, the last one first
  int move_count = 0;
  int channels = 1;  // of that module

  constexpr T operator[](int i) const { return values[i]; }
  constexpr int size() const { return shape.elements(); }

  /// The channel of the module that element i came from, before flatten, reshape, permute and slice.
  constexpr int channel(int i) const {
    for (int m = 0; m < move_count; ++m) i = moves[m].source(i);
    return i % channels;
  }
  /// The scale of element i. The device itself does not compute with it.
  constexpr float scale(int i) const { return scales.values[scales.count > 1 ? channel(i) : 0]; }  // float data
};

/// The index of the largest real value of an output, as nash.md defines it: values times the relative scale of their
/// channel, in 64 bits. The first of equal values wins.
template <class T>
constexpr int argmax(const Output<T>& output) {
  const std::uint16_t* multipliers = output.scales.multipliers;
  int best = 0;
  std::int64_t largest = INT64_MIN;
  for (int i = 0; i < output.size(); ++i) {
    const std::int64_t value = std::int64_t{output[i]} * (multipliers != nullptr ? multipliers[output.channel(i)] : 1);
    if (value <= largest) continue;
    largest = value;
    best = i;
  }
  return best;
}

}  // namespace quench::embedded
