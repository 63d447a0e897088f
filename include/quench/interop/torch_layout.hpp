// SPDX-License-Identifier: Apache-2.0
// Where each parameter lies in PyTorch's layout. PyTorch is channels-first and OIHW, quench channels-last and OHWI.
//
//   Conv2d            [K, kh, kw, C/groups]  <->  [K, C/groups, kh, kw]
//   ConvTranspose2d   [K, kh, kw, C/groups]  <->  [C, K/groups, kh, kw]
//   Conv1d            [K, k, C/groups]       <->  [K, C/groups, k]
//   ConvTranspose1d   [K, k, C/groups]       <->  [C, K/groups, k]
//   Linear, biases, batch norms, ChannelAffine, PReLU: the same shape; features in PyTorch's order (torch_order.hpp)
//   Embedding         [num_embeddings, embedding_dim], the same shape
//   LayerNorm, RMSNorm: the normalized axes, a whole map [H, W, C]  <->  [C, H, W]
#pragma once

#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/torch_order.hpp>

namespace quench::interop::detail {

/// A parameter in PyTorch's layout: its shape, and for each element in quench its index in PyTorch.
struct TorchLayout {
  std::vector<std::size_t> shape;
  std::vector<std::size_t> index;
};

std::vector<float> to_torch(const TorchLayout& layout, const std::vector<float>& ours);
std::vector<float> from_torch(const TorchLayout& layout, const std::vector<float>& values);

/// The layout of a parameter with one value for each output feature: a bias, or a batch norm's parameters.
TorchLayout torch_layout_of_features(const TorchOrders& orders, int layer);

/// The layout of a weight or bias with one value for each value of a row: LayerNorm, RMSNorm.
TorchLayout torch_layout_of_row(const TorchOrders& orders, int layer);

TorchLayout torch_layout_of_bias(const Graph& graph, const TorchOrders& orders, int layer);

TorchLayout torch_layout_of_weight(const Graph& graph, const TorchOrders& orders, int layer);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/torch_layout_impl.hpp>
#endif
