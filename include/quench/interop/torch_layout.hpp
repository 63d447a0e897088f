// SPDX-License-Identifier: Apache-2.0
// Where each weight stands in PyTorch's layout. There activations are channels-first and weights OIHW; here they are
// channels-last and OHWI.
//
//   Conv2d            [K, kh, kw, C/groups]  <->  [K, C/groups, kh, kw]
//   ConvTranspose2d   [K, kh, kw, C/groups]  <->  [C, K/groups, kh, kw]
//   Linear behind a flatten of [H, W, C]: its columns are permuted from (C, H, W) to (H, W, C)
#pragma once

#include <vector>

#include <quench/integer/steps.hpp>

namespace quench::interop::detail {

/// A weight in PyTorch's layout: its shape, and for each of our elements the index of the same one there.
struct TorchLayout {
  std::vector<std::size_t> shape;
  std::vector<std::size_t> index;
};

/// The map [H, W, C] whose flattening a layer is given, or rank 0: looks through what works element by element.
inline Shape flattened_map(const Graph& graph, int layer) {
  int n = graph.operand(graph.nodes[layer], 0);
  while (graph.nodes[n].operand_count == 1) {
    const Node& node = graph.nodes[n];
    const Shape& x = graph.operand_node(node, 0).shape;
    const bool is_flat = node.shape.rank == 1 && (node.op == Operator::Flatten || node.op == Operator::Reshape);
    if (is_flat && x.rank == 3) return x;
    if (!is_flat && !(node.shape == x && node.op >= Operator::QuantStub && node.op <= Operator::GELU)) break;
    n = graph.operand(node, 0);
  }
  return {};
}

inline TorchLayout torch_layout(const Graph& graph, int layer) {
  const Node& node = graph.nodes[layer];
  const Settings& s = node.settings;
  const auto size = [](int extent) { return static_cast<std::size_t>(extent); };
  const Shape ours = weight_shape(node);
  TorchLayout layout;
  if (node.op == Operator::Linear) {
    layout.shape = {size(ours[0]), size(ours[1])};
    const Shape map = flattened_map(graph, layer);
    const std::size_t pixels = map.rank == 3 ? size(map[0] * map[1]) : 1, channels = size(ours[1]) / pixels;
    for (std::size_t k = 0; k < size(ours[0]); ++k)
      for (std::size_t i = 0; i < size(ours[1]); ++i)
        layout.index.push_back(k * size(ours[1]) + i % channels * pixels + i / channels);
    return layout;
  }
  const std::size_t height = size(s.kernel_size.height), width = size(s.kernel_size.width);
  const std::size_t depth = size(s.in_channels / s.groups), filters = size(s.out_channels / s.groups);
  const bool is_transposed = node.op == Operator::ConvTranspose2d;
  layout.shape = is_transposed ? std::vector{size(s.in_channels), filters, height, width}
                               : std::vector{size(s.out_channels), depth, height, width};
  for (std::size_t k = 0; k < size(s.out_channels); ++k)
    for (std::size_t tap = 0; tap < height * width; ++tap)
      for (std::size_t d = 0; d < depth; ++d)
        layout.index.push_back(is_transposed
                                   ? ((k / filters * depth + d) * filters + k % filters) * height * width + tap
                                   : (k * depth + d) * height * width + tap);
  return layout;
}

}  // namespace quench::interop::detail
