// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/classes.hpp>

#include <string>

#include <quench/device/fusion.hpp>
#include <quench/device/output.hpp>

namespace quench {

namespace detail {

template <class T>
std::vector<T> IntegerClasses::pick(const std::vector<T>& values, const std::vector<int>& from) {
  std::vector<T> picked;
  for (const int i : from) picked.push_back(values[index(i)]);
  return picked;
}

QUENCH_INLINE IntegerClasses::IntegerClasses(const Graph& graph, const IntegerConstants& constants, int output)
    : shape(graph.nodes[graph.outputs[output]].shape) {
  const int n = dequantized_by(graph, output);
  if (n < 0) {
    for (int i = 0; i < shape.elements(); ++i) element.push_back(i);
    return;
  }
  node = graph.operand(graph.nodes[n], 0);
  const device::StepConstants& owner = constants.step(device::owner_of_scale(graph, node));
  for (int i = 0; i < shape.elements(); ++i) {
    element.push_back(source(graph, graph.outputs[output], n, i));
    const int channel = embedded::channel_of(graph, node, element.back());
    multiplier.push_back(owner.multipliers != nullptr ? owner.multipliers[channel] : 1);
    scale.push_back(owner.scales[owner.scale_count > 1 ? channel : 0]);
  }
}

QUENCH_INLINE void IntegerClasses::rearrange(const Shape& to, const std::vector<int>& from) {
  shape = to;
  element = pick(element, from);
  if (node < 0) return;
  multiplier = pick(multiplier, from);
  scale = pick(scale, from);
}

QUENCH_INLINE int IntegerClasses::source(const Graph& graph, int from, int to, int i) {
  for (int n = from; n != to; n = graph.operand(graph.nodes[n], 0)) {
    const Node& node = graph.nodes[n];
    if (node.op == Operator::Permute || node.op == Operator::Slice)
      i = embedded::source_element(node, graph.operand_node(node, 0).shape, i);
  }
  return i;
}

QUENCH_INLINE std::vector<int> float_classes(const Shape& shape, std::span<const float> values) {
  std::vector<int> classes(values.size() / index(shape.channels()));
  write_classes(
      static_cast<int>(classes.size()), shape.channels(), [&](int i) { return values[index(i)]; }, classes.data());
  return classes;
}

QUENCH_INLINE void write_classes(phases::Pass& pass, const IntegerConstants& constants, const IntegerClasses& map,
                                 int output, int* to) {
  const int width = map.shape.channels(), rows = map.shape.elements() / width;
  for (int sample = 0; sample < pass.samples(); ++sample, to += rows) {
    if (map.node < 0) {
      const float* values = pass.reals(pass.plan().graph().outputs[output], sample);
      write_classes(
          rows, width, [&](int i) { return values[map.element[index(i)]]; }, to);
    } else {
      execution::with_integers(constants, map.node, pass.integers(), sample, [&](const auto* q) {
        write_classes(
            rows, width,
            [&](int i) { return std::int64_t{q[index(map.element[index(i)])]} * map.multiplier[index(i)]; }, to);
      });
    }
  }
}

QUENCH_INLINE std::size_t count_correct(const std::vector<int>& classes, const std::vector<int>& labels,
                                        int class_count) {
  if (labels.size() != classes.size())
    throw Error(diagnosis::shape_mismatch,
                "needed " + std::to_string(classes.size()) + " labels, given " + std::to_string(labels.size()));
  std::size_t correct = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= class_count)
      throw Error(diagnosis::label_out_of_range, "label " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                                                     ", needed one in [0, " + std::to_string(class_count) + ")");
    if (classes[i] == labels[i]) ++correct;
  }
  return correct;
}

}  // namespace detail

}  // namespace quench
