// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/torch_layout.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE std::vector<float> to_torch(const TorchLayout& layout, const std::vector<float>& ours) {
  std::vector<float> values(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) values[layout.index[i]] = ours[i];
  return values;
}

QUENCH_INLINE std::vector<float> from_torch(const TorchLayout& layout, const std::vector<float>& values) {
  std::vector<float> ours(values.size());
  for (std::size_t i = 0; i < ours.size(); ++i) ours[i] = values[layout.index[i]];
  return ours;
}

QUENCH_INLINE TorchLayout torch_layout_of_features(const TorchOrders& orders, int layer) {
  TorchLayout layout{{}, orders.of(layer)};
  layout.shape = {layout.index.size()};
  return layout;
}

QUENCH_INLINE TorchLayout torch_layout_of_row(const TorchOrders& orders, int layer) {
  TorchLayout layout{{}, orders.of_row(layer)};
  const Shape shape = orders.torch_shape_of_row(layer);
  for (int axis = 0; axis < shape.rank; ++axis) layout.shape.push_back(static_cast<std::size_t>(shape[axis]));
  return layout;
}

QUENCH_INLINE TorchLayout torch_layout_of_bias(const Graph& graph, const TorchOrders& orders, int layer) {
  return row_of(graph.nodes[layer].op).weight == Weight::Rows ? torch_layout_of_row(orders, layer)
                                                              : torch_layout_of_features(orders, layer);
}

QUENCH_INLINE TorchLayout torch_layout_of_weight(const Graph& graph, const TorchOrders& orders, int layer) {
  const Node& node = graph.nodes[layer];
  const Settings& s = node.settings;
  if (node.op == Operator::PReLU && s.in_channels == 1) return {{1}, {0}};
  if (row_of(node.op).weight == Weight::Channels) return torch_layout_of_features(orders, layer);
  if (row_of(node.op).weight == Weight::Rows) return torch_layout_of_row(orders, layer);
  const auto size = [](int extent) { return static_cast<std::size_t>(extent); };
  const FeatureOrder rows = orders.of(layer), columns = orders.of_operand(layer);
  TorchLayout layout;
  if (row_of(node.op).weight == Weight::Table) {
    layout.shape = {size(s.in_channels), rows.size()};
    for (std::size_t entry = 0; entry < layout.shape[0]; ++entry)
      for (const std::size_t row : rows) layout.index.push_back(entry * rows.size() + row);
    return layout;
  }
  if (node.op == Operator::Linear) {
    layout.shape = {rows.size(), columns.size()};
    for (const std::size_t row : rows)
      for (const std::size_t column : columns) layout.index.push_back(row * columns.size() + column);
    return layout;
  }
  const std::size_t height = size(s.kernel_size.height), width = size(s.kernel_size.width), taps = height * width;
  const std::size_t depth = size(s.in_channels / s.groups), filters = size(s.out_channels / s.groups);
  const bool is_transposed = family_of(node.op) == Family::TransposedConvolution;
  layout.shape = is_transposed ? std::vector{columns.size(), filters, height, width}
                               : std::vector{rows.size(), depth, height, width};
  if (row_of(node.op).is_1d) layout.shape = {layout.shape[0], layout.shape[1], width};
  for (const std::size_t row : rows)
    for (std::size_t tap = 0; tap < taps; ++tap)
      for (std::size_t d = 0; d < depth; ++d) {
        const std::size_t first = row / filters * depth, column = columns[first + d];  // of all inputs
        layout.index.push_back(is_transposed ? (column * filters + row % filters) * taps + tap
                                             : (row * depth + column - first) * taps + tap);
      }
  return layout;
}

}  // namespace detail

}  // namespace quench::interop
