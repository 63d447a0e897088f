// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/phases/batch.hpp>

#include <cstring>

#include <quench/execution/steps.hpp>

namespace quench::phases {

QUENCH_INLINE int check_extents(const Shape& shape, const Extents& extents, int i) {
  if (extents.rank > 0 && extents[0] == 0) throw Error(diagnosis::empty_input, "", input_name(i));
  Extents needed = extents;
  needed.rank = static_cast<std::size_t>(shape.rank) + 1;
  for (int axis = 0; axis < shape.rank; ++axis) needed.extents[index(axis) + 1] = static_cast<std::size_t>(shape[axis]);
  if (!(needed == extents)) {
    const std::string text = needed.text();
    throw Error(diagnosis::shape_mismatch,
                "needed [N" + text.substr(text.find_first_of(",]")) + ", given " + extents.text(), input_name(i));
  }
  if (extents.elements() > static_cast<std::size_t>(max_elements))
    throw Error(diagnosis::shape_mismatch, "a batch of more than 2^31 - 1 values", input_name(i));
  return static_cast<int>(extents[0]);
}

QUENCH_INLINE void check_pixels(const Node& node, const Range& range) {
  constexpr float least = -1, largest = 127 * execution::image_scale;
  if (is_centered(node.color) && (range.min < least || range.max > largest))
    throw Error(diagnosis::pixel_out_of_range, "given " + tensors::text(static_cast<double>(range.min)) + " to " +
                                                   tensors::text(static_cast<double>(range.max)));
}

QUENCH_INLINE SmallestTable::SmallestTable(const Graph& graph, int i) {
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& lookup = graph.nodes[n];
    if (family_of(lookup.op) != Family::Lookup || graph.operand(lookup, 0) != graph.inputs[i]) continue;
    if (lookup.settings.in_channels >= rows) continue;
    rows = lookup.settings.in_channels;
    node = n;
  }
}

QUENCH_INLINE void check_indices(const Graph& graph, int i, const TensorInput<std::int32_t>& indices) {
  const SmallestTable table(graph, i);
  for (std::size_t at = 0; at < indices.size(); ++at) {
    const std::int32_t given = indices.values()[at];
    if (given >= 0 && given < table.rows) continue;
    std::string place;
    const Extents& extents = indices.extents();
    std::size_t rest = at;
    for (std::size_t axis = extents.rank; axis-- > 0; rest /= extents.extents[axis])
      place = std::to_string(rest % extents.extents[axis]) + (place.empty() ? "" : ", ") + place;
    throw Error(diagnosis::index_out_of_range,
                input_name(i) + " is " + std::to_string(given) + " at [" + place + "], needed 0 to " +
                    std::to_string(table.rows - 1),
                execution::name_of(graph, table.node));
  }
}

}  // namespace quench::phases
