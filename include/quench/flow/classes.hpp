// SPDX-License-Identifier: Apache-2.0
// The classes that a network decides for: the index of the largest value along the last axis of an output.
//
// Where the output is that of a DeQuantStub, perhaps rearranged, integers are compared as nash.md defines it: each times
// the relative scale of its channel, in 64 bits. That is what embedded::argmax does, so host and device agree also
// where two classes are nearly equal. Elsewhere floats are compared. Of equal values the first one wins.
#pragma once

#include <quench/integer/codes.hpp>
#include <quench/phases/batch.hpp>

namespace quench::detail {

/// Which integers the elements of an output are.
struct IntegerClasses {
  int node = -1;  // the operand of the DeQuantStub; -1 if the output is computed in float
  std::vector<int> element;
  std::vector<std::int64_t> multiplier;

  IntegerClasses(const Graph& graph, const IntegerConstants& constants, int output) {
    int n = graph.outputs[output];
    while (is_shape_function(graph.nodes[n].op) && graph.nodes[n].op != Operator::Pad &&
           graph.nodes[n].domain == Domain::Float)
      n = graph.operand(graph.nodes[n], 0);
    if (graph.nodes[n].op != Operator::DeQuantStub) return;
    node = graph.operand(graph.nodes[n], 0);
    embedded::Output<std::int32_t> integers;
    integers.shape = graph.nodes[node].shape;
    integers.network = &graph;
    integers.node = node;
    const nash::StepConstants& owner = constants.step(owner_of_scale(graph, node));
    for (int i = 0; i < graph.nodes[graph.outputs[output]].shape.elements(); ++i) {
      element.push_back(source(graph, graph.outputs[output], n, i));
      multiplier.push_back(owner.multipliers != nullptr ? owner.multipliers[integers.channel(element.back())] : 1);
    }
  }

 private:
  static int owner_of_scale(const Graph& graph, int node) {
    int step = nash::step_of(graph, node);
    while (!owns_output_scale(graph.nodes[step].op)) step = nash::step_of(graph, graph.operand(graph.nodes[step], 0));
    return step;
  }

  static int source(const Graph& graph, int from, int to, int i) {
    for (int n = from; n != to; n = graph.operand(graph.nodes[n], 0)) {
      const Node& node = graph.nodes[n];
      if (node.op == Operator::Permute || node.op == Operator::Slice)
        i = embedded::detail::source_element(node, graph.operand_node(node, 0).shape, i);
    }
    return i;
  }
};

/// The index of the largest value of each row of `classes` values.
template <class Value>
void append_classes(int rows, int classes, Value value, std::vector<int>& result) {
  for (int row = 0; row < rows; ++row) {
    int best = 0;
    for (int c = 1; c < classes; ++c)
      if (value(row * classes + c) > value(row * classes + best)) best = c;
    result.push_back(best);
  }
}

/// The classes of an output computed in float.
inline std::vector<int> float_classes(const Shape& shape, std::span<const float> values) {
  std::vector<int> classes;
  append_classes(
      static_cast<int>(values.size()) / shape.channels(), shape.channels(), [&](int i) { return values[index(i)]; },
      classes);
  return classes;
}

/// The classes of an output of integers, for the samples that were run last.
template <class Core>
std::vector<int> integer_classes(Core& core, const IntegerClasses& map, int output) {
  const Graph& graph = core.graph();
  const Shape& shape = graph.nodes[graph.outputs[output]].shape;
  if (map.node < 0) return float_classes(shape, core.output(output));
  std::vector<int> classes;
  const int elements = shape.elements();
  for (int sample = 0; sample < core.samples(); ++sample)
    with_integers(core.network().constants(), map.node, core.integers(), sample, [&](const auto* q) {
      append_classes(
          elements / shape.channels(), shape.channels(),
          [&](int i) { return std::int64_t{q[index(map.element[index(i)])]} * map.multiplier[index(i)]; }, classes);
    });
  return classes;
}

/// How many of the classes are the labels.
/// Errors   shape-mismatch: the number of labels, or a label that is no class
inline std::size_t count_correct(const std::vector<int>& classes, const std::vector<int>& labels, int class_count) {
  if (labels.size() != classes.size())
    throw Error(diagnosis::shape_mismatch,
                "needed " + std::to_string(classes.size()) + " labels, given " + std::to_string(labels.size()));
  std::size_t correct = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= class_count)
      throw Error(diagnosis::shape_mismatch, "label " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                                                 ", needed one in [0, " + std::to_string(class_count) + ")");
    if (classes[i] == labels[i]) ++correct;
  }
  return correct;
}

}  // namespace quench::detail
