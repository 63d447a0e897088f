// SPDX-License-Identifier: Apache-2.0
// The shape of each operator's output, from its settings and the shapes of its operands.
//
// If operands do not fit, the output has the shape that the settings promise. So one mistake is one finding, and no
// later node is blamed. The formulas are those of PyTorch's layers of the same name, with the channels last. All
// arithmetic is defined for any setting, also wrong ones (verify.hpp reports those). Freestanding.
#pragma once

#include <quench/network/graph.hpp>

namespace quench {

/// The result of a shape rule: the output's shape. If the operands do not fit: the given and the needed shape, and
/// whether the settings still promise the output's shape or it is a guess.
struct InferredShape {
  Shape shape;
  bool agrees = true;
  bool is_promised = true;
  Shape given{};
  Shape needed{};
};

/// The input pixels that one window spans along an axis.
constexpr long long window_extent(int kernel, int dilation) {
  return static_cast<long long>(dilation) * (kernel - 1LL) + 1;
}

namespace detail {

constexpr int at_least_one(long long n) { return n < 1 ? 1 : n > max_elements ? max_elements : static_cast<int>(n); }

}  // namespace detail

/// A window that slides along one axis, of a convolution or a pool.
struct SlidingWindow {
  int kernel = 1, stride = 1, before = 0, after = 0, dilation = 1;
  bool ceil_mode = false;  // the last window may go past the padding, if it begins in the map or before it

  /// The padding on both sides, and how far the last window may go past it.
  constexpr long long beyond() const {
    return 0LL + before + after + (ceil_mode ? detail::at_least_one(stride) - 1 : 0);
  }
  /// How many positions it has; 0 if it does not fit.
  constexpr long long count(int extent) const {
    const long long room = extent + beyond() - window_extent(kernel, dilation), step = detail::at_least_one(stride);
    if (room < 0) return 0;
    const long long last = room / step;
    return ceil_mode && last * step >= 0LL + extent + before ? last : last + 1;
  }
  /// The least extent in which it fits.
  constexpr int least() const { return detail::at_least_one(window_extent(kernel, dilation) - beyond()); }
};

/// The map [H, W, C] that the window of an operator slides over; of another rank if `x` does not have the operator's.
constexpr Shape map_of(Operator op, const Shape& x) {
  if (!row_of(op).is_1d) return x;
  return x.rank == 2 ? as_map(x) : Shape(x.channels());
}

/// The window of a convolution or a pool, down the rows of its map.
constexpr SlidingWindow rows_of(const Settings& s) {
  return {s.kernel_size.height, s.stride.height, s.padding.top, s.padding.bottom, s.dilation.height, s.ceil_mode};
}
/// The same along the columns.
constexpr SlidingWindow columns_of(const Settings& s) {
  return {s.kernel_size.width, s.stride.width, s.padding.left, s.padding.right, s.dilation.width, s.ceil_mode};
}

namespace detail {

constexpr InferredShape mismatch(const Shape& result, const Shape& given, const Shape& needed, bool is_promised) {
  return {result, false, is_promised, given, needed};
}

/// What `rule` says of the map of an operator, in the shapes that the operator takes and gives.
template <class Rule>
constexpr InferredShape infer_on_map(Operator op, const Shape& x, const Rule& rule) {
  InferredShape result = rule(map_of(op, x));
  if (!row_of(op).is_1d) return result;
  const auto without_height = [](const Shape& map) { return Shape(map[1], map[2]); };
  result.shape = without_height(result.shape);
  if (result.agrees) return result;
  result.given = x;
  result.needed = without_height(result.needed);
  return result;
}

/// Convolutions and the pools: a window over [H, W, C]. The settings require `channels_in` and give `channels_out`.
constexpr InferredShape infer_window(const Settings& s, const Shape& x, int channels_in, int channels_out) {
  const int height = x.rank == 3 ? x[0] : 1, width = x.rank == 3 ? x[1] : 1;
  const SlidingWindow rows = rows_of(s), columns = columns_of(s);
  const long long h = rows.count(height), w = columns.count(width);
  const Shape result(at_least_one(h), at_least_one(w), channels_out);
  if (x.rank == 3 && x[2] == channels_in && h >= 1 && w >= 1) return {result};
  const Shape needed(height < rows.least() ? rows.least() : height, width < columns.least() ? columns.least() : width,
                     channels_in);
  return mismatch(result, x, needed, x.rank == 3 && h >= 1 && w >= 1);
}

/// Pools: a window over [H, W, C], or a number of windows that share it.
constexpr InferredShape infer_pool(Operator op, const Settings& s, const Shape& x) {
  if (row_of(op).windows == Windows::Sliding) return infer_window(s, x, x.channels(), x.channels());
  const Shape result(at_least_one(s.output_size.height), at_least_one(s.output_size.width), x.channels());
  return x.rank == 3 ? InferredShape{result} : mismatch(result, x, Shape(1, 1, x.channels()), false);
}

// One axis of a transposed convolution: the growth of the output with the input, and its constant part.
struct TransposedAxis {
  long long stride, fixed;

  constexpr TransposedAxis(int kernel, int step, int padding, int output_padding, int dilation)
      : stride(at_least_one(step)),
        fixed(window_extent(at_least_one(kernel), at_least_one(dilation)) - 2LL * padding + output_padding) {}

  constexpr long long output(int extent) const { return (extent - 1LL) * stride + fixed; }
  // The least input extent that gives an output.
  constexpr int least() const { return fixed >= 1 ? 1 : at_least_one((1 - fixed + stride - 1) / stride + 1); }
};

/// Transposed convolutions: the shape from which the convolution with these settings would give x.
constexpr InferredShape infer_transposed(const Settings& s, const Shape& x) {
  const int height = x.rank == 3 ? x[0] : 1, width = x.rank == 3 ? x[1] : 1;
  const TransposedAxis h(s.kernel_size.height, s.stride.height, s.padding.top, s.output_padding.height,
                         s.dilation.height);
  const TransposedAxis w(s.kernel_size.width, s.stride.width, s.padding.left, s.output_padding.width, s.dilation.width);
  const Shape result(at_least_one(h.output(height)), at_least_one(w.output(width)), s.out_channels);
  const bool fits = x.rank == 3 && h.output(height) >= 1 && w.output(width) >= 1;
  if (fits && x[2] == s.in_channels) return {result};
  const Shape needed(height < h.least() ? h.least() : height, width < w.least() ? w.least() : width, s.in_channels);
  return mismatch(result, x, needed, fits);
}

/// Linear, batch norms and ChannelAffine: [..., channels_in] -> [..., channels_out].
constexpr InferredShape infer_last_axis(const Shape& x, int channels_in, int channels_out) {
  Shape result = x.rank > 0 ? x : Shape(1), needed = result;
  result.set_channels(channels_out);
  needed.set_channels(channels_in);
  if (x.rank > 0 && x.channels() == channels_in) return {result};
  return mismatch(result, x, needed, x.rank > 0);
}

/// LayerNorm and RMSNorm: the last axes have the listed extents.
constexpr InferredShape infer_normalized(const Settings& s, const Shape& x) {
  const Shape axes = extents_of(s);
  const int others = x.rank > axes.rank ? x.rank - axes.rank : 0;
  Shape needed = x;
  needed.rank = others + axes.rank;
  for (int i = 0; i < axes.rank; ++i) needed[others + i] = at_least_one(axes[i]);
  return x == needed ? InferredShape{x} : mismatch(x, x, needed, false);
}

/// Operations element by element: equal ranks; along each axis equal extents, or 1, which is repeated.
constexpr InferredShape infer_elementwise(const Shape& a, const Shape& b) {
  if (a.rank != b.rank) return mismatch(a, b, a, false);
  Shape result = a;
  for (int axis = 0; axis < a.rank; ++axis) {
    if (a[axis] != b[axis] && a[axis] != 1 && b[axis] != 1) return mismatch(a, b, a, false);
    if (a[axis] == 1) result[axis] = b[axis];
  }
  return {result};
}

constexpr InferredShape infer_matmul(const Shape& a, const Shape& b) {
  if (a.rank < 2) return mismatch(a, a, Shape(1, a.channels()), false);
  Shape needed = a;
  needed[a.rank - 2] = a[a.rank - 1];
  needed[a.rank - 1] = b.rank > 0 ? b.channels() : 1;
  Shape result = a;
  result[a.rank - 1] = needed[a.rank - 1];
  return b == needed ? InferredShape{result} : mismatch(result, b, needed, false);
}

/// sum and mean over the listed axes; they vanish, or become 1 with keepdim.
constexpr InferredShape infer_reduction(const Settings& s, const Shape& x) {
  bool reduced[max_rank]{};
  for (int i = 0; i < s.axis_count && i < max_rank; ++i)
    if (s.axes[i] >= 0 && s.axes[i] < x.rank) reduced[s.axes[i]] = true;
  Shape result;
  for (int axis = 0; axis < x.rank; ++axis)
    if (!reduced[axis] || s.keepdim) result[result.rank++] = reduced[axis] ? 1 : x[axis];
  return {result.rank > 0 ? result : Shape(1)};
}

constexpr InferredShape infer_reshape(const Settings& s, const Shape& x) {
  Shape result;
  int known = 1, open = -1;
  for (int i = 0; i < s.axis_count && i < max_rank; ++i) {
    if (s.axes[i] == -1 && open < 0)
      open = i;
    else
      known = saturating_product(known, s.axes[i] < 1 ? 1 : s.axes[i]);
    result[result.rank++] = at_least_one(s.axes[i]);
  }
  if (open >= 0) result[open] = at_least_one(x.elements() / known);
  return result.elements() == x.elements() ? InferredShape{result} : mismatch(result, x, result, false);
}

constexpr InferredShape infer_permute(const Settings& s, const Shape& x) {
  Shape result = x;
  for (int i = 0; i < x.rank && i < s.axis_count; ++i)
    if (s.axes[i] >= 0 && s.axes[i] < x.rank) result[i] = x[s.axes[i]];
  return {result};
}

constexpr InferredShape infer_slice(const Settings& s, const Shape& x) {
  Shape result = x;
  if (s.axes[0] >= 0 && s.axes[0] < x.rank)
    result[s.axes[0]] = at_least_one(static_cast<long long>(s.end[0]) - s.begin[0]);
  return {result};
}

constexpr InferredShape infer_pad(const Settings& s, const Shape& x) {
  Shape result = x;
  for (int axis = 0; axis < x.rank; ++axis)
    result[axis] = at_least_one(static_cast<long long>(x[axis]) + s.begin[axis] + s.end[axis]);
  return {result};
}

/// cat along the axis that the settings name, or the last one; all other extents are equal.
constexpr InferredShape infer_cat(const Graph& graph, const Node& node) {
  InferredShape result{graph.operand_node(node, 0).shape};
  const Shape first = result.shape;
  if (first.rank == 0) return mismatch(first, first, Shape(1), false);
  const int named = node.settings.axis_count > 0 ? node.settings.axes[0] : first.rank - 1;
  const int axis = named >= 0 && named < first.rank ? named : first.rank - 1;
  int extent = 0;
  for (int i = 0; i < node.operand_count; ++i) {
    const Shape& x = graph.operand_node(node, i).shape;
    Shape needed = first;
    const int of_x = axis - first.rank + x.rank;  // the same axis, counted from the end
    needed[axis] = of_x >= 0 ? x[of_x] : 1;
    if (!(x == needed) && result.agrees) result = mismatch(first, x, needed, false);
    extent = saturating_sum(extent, needed[axis]);
  }
  result.shape[axis] = extent;
  return result;
}

// An axis more than the indices: the row of each.
constexpr InferredShape infer_lookup(const Settings& s, const Shape& x) {
  if (x.rank == max_rank) return mismatch(x, x, Shape(1), false);
  InferredShape result{x};
  result.shape[result.shape.rank++] = at_least_one(s.out_channels);
  return result;
}

}  // namespace detail

/// Resolves negative axes and negative ends of a slice, which count from the end as in PyTorch.
constexpr void resolve_negative_axes(Operator op, Settings& s, const Shape& x) {
  if (s.refused.size > 0) return;
  if (family_of(op) != Family::Reduction && family_of(op) != Family::Cat && op != Operator::Permute &&
      op != Operator::Slice)
    return;
  // A number out of range stays unchanged, so that a message shows the user's number.
  const auto resolve = [](int& position, int extent) {
    if (position < 0 && extent > 0 && position + extent >= 0) position += extent;
  };
  for (int i = 0; i < s.axis_count && i < max_rank; ++i) resolve(s.axes[i], x.rank);
  if (family_of(op) == Family::Cat && s.axis_count > 0 && s.axes[0] == x.rank - 1) s.axes[0] = s.axis_count = 0;
  if (op != Operator::Slice || s.axes[0] < 0 || s.axes[0] >= x.rank) return;
  resolve(s.begin[0], x[s.axes[0]]);
  resolve(s.end[0], x[s.axes[0]]);
}

/// Gives `Padding::Same` its four numbers for an operand of this shape, so that no later code must know of it.
constexpr void resolve_same_padding(Operator op, Settings& s, const Shape& operand) {
  if (!s.padding.is_same) return;
  const Shape x = map_of(op, operand);
  const auto resolve = [](const SlidingWindow& window, int extent, int& before, int& after) {
    const int step = detail::at_least_one(window.stride);
    const long long windows = (0LL + extent + step - 1) / step;
    const long long wanted = (windows - 1) * step + window_extent(window.kernel, window.dilation) - extent;
    const int padding = wanted < 0 ? 0 : wanted > max_elements ? max_elements : static_cast<int>(wanted);
    before = padding / 2;
    after = padding - before;
  };
  resolve(rows_of(s), x.rank == 3 ? x[0] : 1, s.padding.top, s.padding.bottom);
  resolve(columns_of(s), x.rank == 3 ? x[1] : 1, s.padding.left, s.padding.right);
}

/// The shape of a node's output, from its settings and the shapes of its operands.
constexpr InferredShape infer_shape(const Graph& graph, const Node& node) {
  using namespace detail;
  const Settings& s = node.settings;
  if (node.operand_count == 0) return {node.shape};
  const Shape& x = graph.operand_node(node, 0).shape;
  switch (family_of(node.op)) {
    case Family::Convolution:
      return infer_on_map(node.op, x,
                          [&](const Shape& map) { return infer_window(s, map, s.in_channels, s.out_channels); });
    case Family::TransposedConvolution:
      return infer_on_map(node.op, x, [&](const Shape& map) { return infer_transposed(s, map); });
    case Family::Linear: return infer_last_axis(x, s.in_channels, s.out_channels);
    case Family::Lookup: return infer_lookup(s, x);
    case Family::BatchNorm:
    case Family::ChannelAffine: {
      InferredShape inferred = infer_last_axis(x, s.in_channels, s.in_channels);
      inferred.is_promised = false;  // it changes no shape, so it is unknown which of the two numbers is wrong
      return inferred;
    }
    case Family::PReLU: {
      InferredShape inferred = infer_last_axis(x, s.in_channels == 1 ? x.channels() : s.in_channels, x.channels());
      inferred.is_promised = x.rank > 0;  // it changes no shape
      return inferred;
    }
    case Family::RowNorm: return infer_normalized(s, x);
    case Family::MaxPool:
    case Family::AveragePool:
      return infer_on_map(node.op, x, [&](const Shape& map) { return infer_pool(node.op, s, map); });
    case Family::Upsample:
      return x.rank == 3 ? InferredShape{Shape(at_least_one(s.scale_factor.height.of(x[0])),
                                               at_least_one(s.scale_factor.width.of(x[1])), x[2])}
                         : mismatch(x, x, Shape(1, 1, x.channels()), false);
    case Family::Addition:
    case Family::Product:
    case Family::Comparison: return infer_elementwise(x, graph.operand_node(node, 1).shape);
    case Family::MatMul: return infer_matmul(x, graph.operand_node(node, 1).shape);
    case Family::Cat: return infer_cat(graph, node);
    case Family::Reduction: return infer_reduction(s, x);
    case Family::View: return node.op == Operator::Flatten ? InferredShape{Shape(x.elements())} : infer_reshape(s, x);
    case Family::Move:
      return node.op == Operator::Permute ? infer_permute(s, x)
             : node.op == Operator::Slice ? infer_slice(s, x)
                                          : infer_pad(s, x);
    case Family::Input:
    case Family::QuantStub:
    case Family::DeQuantStub:
    case Family::Clamp:
    case Family::Function:
    case Family::Softmax:
    case Family::ScalarAddition:
    case Family::ScalarProduct:
    case Family::Handle: break;
  }
  return {x};
}

}  // namespace quench
