// SPDX-License-Identifier: Apache-2.0 Where each parameter lies in PyTorch's layout. PyTorch is channels-first and
// OIHW, quench channels-last and OHWI.
//
//   Conv2d            [K, kh, kw, C/groups]  <->  [K, C/groups, kh, kw]
//   ConvTranspose2d   [K, kh, kw, C/groups]  <->  [C, K/groups, kh, kw]
//   Linear, biases, BatchNorm2d: the same shape; features in PyTorch's order (torch_order.hpp)
#pragma once

#include <quench/interop/torch_order.hpp>

namespace quench::interop::detail {

/// A parameter in PyTorch's layout: its shape, and for each element in quench its index in PyTorch.
struct TorchLayout {
  std::vector<std::size_t> shape;
  std::vector<std::size_t> index;
};

inline std::vector<float> to_torch(const TorchLayout& layout, const std::vector<float>& ours) {
  std::vector<float> values(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) values[layout.index[i]] = ours[i];
  return values;
}
inline std::vector<float> from_torch(const TorchLayout& layout, const std::vector<float>& values) {
  std::vector<float> ours(values.size());
  for (std::size_t i = 0; i < ours.size(); ++i) ours[i] = values[layout.index[i]];
  return ours;
}

/// The layout of a parameter with one value for each output feature: a bias, or a batch norm's parameters.
inline TorchLayout torch_layout_of_features(const TorchOrders& orders, int layer) {
  TorchLayout layout{{}, orders.of(layer)};
  layout.shape = {layout.index.size()};
  return layout;
}

inline TorchLayout torch_layout_of_weight(const Graph& graph, const TorchOrders& orders, int layer) {
  const Node& node = graph.nodes[layer];
  const Settings& s = node.settings;
  if (node.op == Operator::BatchNorm2d) return torch_layout_of_features(orders, layer);
  const auto size = [](int extent) { return static_cast<std::size_t>(extent); };
  const FeatureOrder rows = orders.of(layer), columns = orders.of_operand(layer);
  TorchLayout layout;
  if (node.op == Operator::Linear) {
    layout.shape = {rows.size(), columns.size()};
    for (const std::size_t row : rows)
      for (const std::size_t column : columns) layout.index.push_back(row * columns.size() + column);
    return layout;
  }
  const std::size_t height = size(s.kernel_size.height), width = size(s.kernel_size.width), taps = height * width;
  const std::size_t depth = size(s.in_channels / s.groups), filters = size(s.out_channels / s.groups);
  const bool is_transposed = node.op == Operator::ConvTranspose2d;
  layout.shape = is_transposed ? std::vector{columns.size(), filters, height, width}
                               : std::vector{rows.size(), depth, height, width};
  for (const std::size_t row : rows)
    for (std::size_t tap = 0; tap < taps; ++tap)
      for (std::size_t d = 0; d < depth; ++d) {
        const std::size_t first = row / filters * depth, column = columns[first + d];  // of all inputs
        layout.index.push_back(is_transposed ? (column * filters + row % filters) * taps + tap
                                             : (row * depth + column - first) * taps + tap);
      }
  return layout;
}

}  // namespace quench::interop::detail
