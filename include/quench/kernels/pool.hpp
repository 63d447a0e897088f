// SPDX-License-Identifier: Apache-2.0
// The windows of pools: which pixels each contains, and how many its mean counts.
//
// PyTorch's rules. A window slides over the map, or the map is shared out among a given number of windows (adaptive).
// With `ceil_mode` a window may go past the padding; a mean never counts what lies there. Kernels, the host and training
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
  bool is_adaptive = false;                   // the windows share the map; the two lines above do not count

  /// The taps of a window inside the map.
  /// Equals   floor(o * extent / outputs) to ceil((o + 1) * extent / outputs) if adaptive
  constexpr Taps taps(int output) const {
    if (!is_adaptive) return taps_inside(output * stride - before, kernel, dilation, extent);
    // At most 46340 outputs (find_settings.hpp), so the products fit.
    const int whole = extent / outputs, rest = extent % outputs;
    const int begin = output * whole + output * rest / outputs;
    return {begin, 0, (output + 1) * whole + ((output + 1) * rest + outputs - 1) / outputs - begin};
  }
  /// The pixels of a window that a mean counts, in the map or in counted padding. Not for dilated windows.
  constexpr int count(int output) const {
    if (is_adaptive) return taps(output).end;
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
  Padding counted{};         // the padding that a mean counts
  bool is_adaptive = false;  // the windows share the map

  constexpr PoolAxis rows() const { return axis(0, &Pair::height, counted.top, counted.bottom); }
  constexpr PoolAxis columns() const { return axis(1, &Pair::width, counted.left, counted.right); }

 private:
  constexpr PoolAxis axis(int index, int Pair::*side, int counted_before, int counted_after) const {
    return {.extent = x[index],
            .outputs = y[index],
            .kernel = window.kernel_size.*side,
            .stride = window.stride.*side,
            .before = window.padding.*side,
            .dilation = window.dilation.*side,
            .counted_before = counted_before,
            .counted_after = counted_after,
            .is_adaptive = is_adaptive};
  }
};

/// The pool that a node computes, of any operator of the families MaxPool and AveragePool.
constexpr Pool pool_of(const Node& node, const Shape& x) {
  const Settings& s = node.settings;
  Pool pool{as_map(x), as_map(node.shape), window_of(s)};
  if (s.count_include_pad) pool.counted = s.padding;
  if (row_of(node.op).windows == Windows::Whole) pool.window.kernel_size = {pool.x[0], pool.x[1]};
  pool.is_adaptive = row_of(node.op).windows == Windows::Sharing;
  return pool;
}

}  // namespace quench::kernels
