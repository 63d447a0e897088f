// SPDX-License-Identifier: Apache-2.0
// The class that a network chooses: the index of the largest value along the last axis of an output.
//
// If a DeQuantStub gives the output, perhaps rearranged, its integers are compared as nash.md defines it: each times
// the relative scale of its channel, in 64 bits. embedded::argmax does the same, so host and device agree even on
// nearly equal values. Other outputs are compared as floats. The first of equal values wins.
#pragma once

#include <span>
#include <vector>

#include <quench/execution/codes.hpp>
#include <quench/ground/compiled.hpp>
#include <quench/phases/pass.hpp>

namespace quench::detail {

/// The DeQuantStub that gives the values of an output, perhaps rearranged; -1 if the output is computed in float.
constexpr int dequantized_by(const Graph& graph, int output) {
  int n = graph.outputs[output];
  while (is_shape_function(graph.nodes[n].op) && row_of(graph.nodes[n].op).passes_accumulators &&
         graph.nodes[n].domain == Domain::Float)
    n = graph.operand(graph.nodes[n], 0);
  return graph.nodes[n].op == Operator::DeQuantStub ? n : -1;
}

/// The integers that the elements of an output come from.
struct IntegerClasses {
  int node = -1;  // the operand of the DeQuantStub; -1 if the output is computed in float
  Shape shape;
  std::vector<int> element;              // index in the node, or in the output itself if that is computed in float
  std::vector<std::int64_t> multiplier;  // of each element: its scale relative to the largest, for comparisons
  std::vector<float> scale;              // of each element

  IntegerClasses(const Graph& graph, const IntegerConstants& constants, int output);

  /// The same for a tensor whose element i is element `from[i]` of this one.
  void rearrange(const Shape& to, const std::vector<int>& from);

 private:
  template <class T>
  static std::vector<T> pick(const std::vector<T>& values, const std::vector<int>& from);

  static int source(const Graph& graph, int from, int to, int i);
};

/// The index of the largest value of each row of `classes` values.
template <class Value>
void write_classes(int rows, int classes, Value value, int* to) {
  for (int row = 0; row < rows; ++row) {
    int best = 0;
    for (int c = 1; c < classes; ++c)
      if (value(row * classes + c) > value(row * classes + best)) best = c;
    to[row] = best;
  }
}

/// The number of classes that an output gives for a sample: 1, or 1 at each position.
inline std::size_t decisions(const Shape& shape) { return index(shape.elements() / shape.channels()); }

std::vector<int> float_classes(const Shape& shape, std::span<const float> values);

void write_classes(phases::Pass& pass, const IntegerConstants& constants, const IntegerClasses& map, int output,
                   int* to);

/// How many classes equal their labels.
/// Errors   shape-mismatch: the number of labels; label-out-of-range
std::size_t count_correct(const std::vector<int>& classes, const std::vector<int>& labels, int class_count);

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/flow/classes_impl.hpp>
#endif
