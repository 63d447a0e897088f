// SPDX-License-Identifier: Apache-2.0
// The windows of pools: which pixels each contains, and how many its mean counts.
//
// PyTorch's rules. With `ceil_mode` a window may go past the padding; a mean never counts what lies there. Kernels, the host and training
// share this header. Freestanding.
#pragma once

#include <quench/kernels/window.hpp>
#include <quench/network/graph.hpp>

namespace quench::kernels {

/// The windows of a pool along one axis.
struct PoolAxis {
  int extent = 1;   // of the map
  int outputs = 1;  // windows
  int kernel = 1, stride = 1, before = 0, dilation = 1;
  int counted_before = 0, counted_after = 0;  // the padding that a mean counts

  /// The taps of a window inside the map.
  constexpr Taps taps(int output) const { return taps_inside(output * stride - before, kernel, dilation, extent); }
  /// The pixels of a window that a mean counts, in the map or in counted padding. Not for dilated windows.
  constexpr int count(int output) const {
    const int from = output * stride - before, to = from + kernel;
    const int least = -counted_before, most = extent + counted_after;
    return (to < most ? to : most) - (from > least ? from : least);
  }
};

/// The settings of a pool.
/// Shapes   x [H,W,C], y [OH,OW,C]
struct Pool {
  Shape x;
  Shape y;
  Window window{};
  Padding counted{};  // the padding that a mean counts

  constexpr PoolAxis rows() const {
    return {.extent = x[0],
            .outputs = y[0],
            .kernel = window.kernel_size.height,
            .stride = window.stride.height,
            .before = window.padding.height,
            .dilation = window.dilation.height,
            .counted_before = counted.top,
            .counted_after = counted.bottom};
  }
  constexpr PoolAxis columns() const {
    return {.extent = x[1],
            .outputs = y[1],
            .kernel = window.kernel_size.width,
            .stride = window.stride.width,
            .before = window.padding.width,
            .dilation = window.dilation.width,
            .counted_before = counted.left,
            .counted_after = counted.right};
  }
};

/// The pool that a node computes, of any operator of the families MaxPool and AveragePool.
constexpr Pool pool_of(const Node& node, const Shape& x) {
  const Settings& s = node.settings;
  Pool pool{x, node.shape, {s.kernel_size, s.stride, s.padding.before(), s.dilation}};
  if (s.count_include_pad) pool.counted = s.padding;
  if (node.op == Operator::GlobalAvgPool2d) pool.window.kernel_size = {x[0], x[1]};
  return pool;
}

}  // namespace quench::kernels
