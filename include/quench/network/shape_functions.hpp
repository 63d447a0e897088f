// SPDX-License-Identifier: Apache-2.0
// Functions that only move values. They have no scale, so they are free functions and may be called any number of
// times. Axes do not count the batch; negative ones count from the end. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// [any] -> [product of the extents], in row-major order (channels vary fastest; PyTorch's C, H, W order differs).
[[nodiscard]] constexpr Symbol flatten(Symbol x, CallLine line = CallLine::here()) {
  return x.call(Operator::Flatten, {}, line, {});
}

/// The same elements with other extents: reshape(x, {2, 3}). One extent may be -1 and follows from the others.
/// Errors   shape-mismatch, setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol reshape(Symbol x, Axes extents, CallLine line = CallLine::here()) {
  return x.call(Operator::Reshape, {}, line, detail::axes_settings(extents));
}

/// Axis i of the output is axis order[i] of the input: permute(x, {1, 0, 2}).
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol permute(Symbol x, Axes order, CallLine line = CallLine::here()) {
  return x.call(Operator::Permute, {}, line, detail::axes_settings(order));
}

/// Elements [begin, end) of one axis; negative positions count from the end.
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol slice(Symbol x, int axis, int begin, int end, CallLine line = CallLine::here()) {
  Settings settings = detail::axes_settings(axis);
  settings.begin[0] = begin;
  settings.end[0] = end;
  return x.call(Operator::Slice, {}, line, settings);
}

/// Zeros around the tensor, {before, after} for each axis in order, as numpy: pad(x, {{1, 1}, {1, 1}, {0, 0}}).
/// Errors   setting-out-of-range (compile time)
[[nodiscard]] constexpr Symbol pad(Symbol x, std::initializer_list<Margin> margins, CallLine line = CallLine::here()) {
  Settings settings;
  for (const Margin& margin : margins) {
    if (settings.axis_count < max_rank) {
      settings.begin[settings.axis_count] = margin.before;
      settings.end[settings.axis_count] = margin.after;
    }
    ++settings.axis_count;
  }
  return x.call(Operator::Pad, {}, line, settings);
}

}  // namespace quench
