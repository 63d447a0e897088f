// SPDX-License-Identifier: Apache-2.0
// Finds setting-out-of-range. The limits are those of PyTorch's layers, with three more. A window of a max pool must
// contain a pixel: PyTorch returns minus infinity for a window of padding only, and no integer represents that. An
// adaptive pool has at most 46340 windows along an axis. The eps of a LayerNorm or RMSNorm is above 0. Freestanding.
#pragma once

#include <quench/misuse/finding.hpp>
#include <quench/network/shape_rules.hpp>

namespace quench::misuse {

// Checks settings in order and keeps the first one that is out of range.
struct SettingCheck {
  TextView setting{};
  int value = 0;
  bool is_real = false;

  constexpr bool failed() const { return setting.size > 0; }
  constexpr void require(bool holds, TextView name, int actual) {
    if (holds || failed()) return;
    setting = name;
    value = actual;
  }
  constexpr void at_least(int least, TextView name, int actual) { require(actual >= least, name, actual); }
  constexpr void at_least(int least, TextView name, Pair actual) {
    at_least(least, name, actual.height);
    at_least(least, name, actual.width);
  }
  constexpr void require_real(bool holds, TextView name) {  // of a setting that is no whole number
    if (holds || failed()) return;
    setting = name;
    is_real = true;
  }
  constexpr void finite(TextView name, float actual) {  // evaluated by the compiler only
    constexpr float largest = 3.402823466e38f;          // evaluated by the compiler only
    require_real(actual >= -largest && actual <= largest, name);
  }
  constexpr void not_zero(TextView name, float actual) {  // evaluated by the compiler only
    require(actual != 0, name, 0);
  }
  constexpr void above(TextView name, float actual, float least) {  // evaluated by the compiler only
    require_real(actual > least, name);
  }
  constexpr void non_negative(TextView name, float actual) {  // evaluated by the compiler only
    finite(name, actual);
    require_real(actual >= 0, name);
  }
};

namespace detail {

constexpr void check_window(const Settings& s, SettingCheck& check) {
  check.at_least(1, "kernel_size", s.kernel_size);
  check.at_least(1, "stride", s.stride);
  check.at_least(0, "padding", s.padding.before());
  check.at_least(0, "padding", s.padding.after());
  check.at_least(1, "dilation", s.dilation);
}

constexpr void check_channels(const Settings& s, SettingCheck& check) {
  check.at_least(1, "in_channels", s.in_channels);
  check.at_least(1, "out_channels", s.out_channels);
  check.at_least(1, "groups", s.groups);
  if (check.failed()) return;
  check.require(s.in_channels % s.groups == 0 && s.out_channels % s.groups == 0, "groups", s.groups);
}

constexpr void check_output_padding(const Settings& s, SettingCheck& check) {
  check.at_least(0, "output_padding", s.output_padding);
  const auto fits = [](int output_padding, int stride, int dilation) {
    return output_padding < (stride > dilation ? stride : dilation);
  };
  check.require(fits(s.output_padding.height, s.stride.height, s.dilation.height), "output_padding",
                s.output_padding.height);
  check.require(fits(s.output_padding.width, s.stride.width, s.dilation.width), "output_padding",
                s.output_padding.width);
}

constexpr void check_pool_padding(const Settings& s, SettingCheck& check) {
  if (s.padding.is_same) return;  // a dilated window needs more; its windows are checked one by one
  for (const Pair side : {s.padding.before(), s.padding.after()}) {
    check.require(side.height <= s.kernel_size.height / 2, "padding", side.height);
    check.require(side.width <= s.kernel_size.width / 2, "padding", side.width);
  }
}

// True if a window along an axis lies wholly in the padding. It begins in the input or before it, and does not end
// before it. Its first tap at a position of at least 0 lies below the dilation.
constexpr bool has_empty_window(const SlidingWindow& window, int extent) {
  if (window.dilation <= extent) return false;
  const long long windows = window.count(extent);
  for (long long w = 0, begin = -window.before; w < windows && begin < 0; ++w, begin += window.stride)
    if ((window.dilation + begin % window.dilation) % window.dilation >= extent) return true;
  return false;
}

// An empty set has no largest value, so each window of a max pool must contain a pixel.
constexpr void check_max_pool_windows(const Settings& s, const Shape& x, SettingCheck& check) {
  if (x.rank != 3 || check.failed()) return;
  check.require(!has_empty_window(rows_of(s), x[0]), "dilation", s.dilation.height);
  check.require(!has_empty_window(columns_of(s), x[1]), "dilation", s.dilation.width);
}

// Pools whose windows share the map. Of more windows, the positions could not be computed in an int.
constexpr void check_output_size(const Settings& s, SettingCheck& check) {
  constexpr int most = 46340;
  static_assert(1LL * most * most <= max_elements && (most + 1LL) * (most + 1LL) > max_elements);
  check.at_least(1, "output_size", s.output_size);
  check.require(s.output_size.height <= most, "output_size", s.output_size.height);
  check.require(s.output_size.width <= most, "output_size", s.output_size.width);
}

// A factor leaves at least one pixel of a map. The kernel multiplies the divisors of both axes, twice these numerators.
constexpr void check_scale_factor(const Settings& s, const Shape& x, const Shape& y, bool operands_known,
                                  SettingCheck& check) {
  const Fraction height = s.scale_factor.height, width = s.scale_factor.width;
  for (const Fraction factor : {height, width}) {
    if (factor.denominator == 1) check.at_least(1, "scale_factor", factor.numerator);
    check.require_real(factor.is_positive(), "scale_factor");
  }
  if (operands_known && x.rank == 3) check.require_real(height.of(x[0]) >= 1 && width.of(x[1]) >= 1, "scale_factor");
  if (y.elements() < max_elements)  // else that is the mistake
    check.require_real(1LL * height.numerator * width.numerator < 1LL << 60, "scale_factor");
}

// Axes of sum, mean, cat and permute: inside the tensor, each at most once. Permute names all axes.
constexpr void check_axes(const Node& node, const Shape& x, SettingCheck& check) {
  const Settings& s = node.settings;
  const bool all = node.op == Operator::Permute;
  check.require(s.axis_count >= 1 && s.axis_count <= x.rank && (!all || s.axis_count == x.rank), "number of axes",
                s.axis_count);
  for (int i = 0; i < s.axis_count && !check.failed(); ++i) {
    check.require(s.axes[i] >= 0 && s.axes[i] < x.rank, "axis", s.axes[i]);
    for (int j = 0; j < i; ++j) check.require(s.axes[j] != s.axes[i], "axis", s.axes[i]);
  }
}

constexpr void check_reshape(const Settings& s, SettingCheck& check) {
  check.require(s.axis_count >= 1 && s.axis_count <= max_rank, "number of extents", s.axis_count);
  int open = 0;
  for (int i = 0; i < s.axis_count && !check.failed(); ++i) {
    open += s.axes[i] == -1;
    check.require(s.axes[i] >= 1 || (s.axes[i] == -1 && open == 1), "extent", s.axes[i]);
  }
}

constexpr void check_slice(const Settings& s, const Shape& x, SettingCheck& check) {
  check.require(s.axes[0] >= 0 && s.axes[0] < x.rank, "axis", s.axes[0]);
  if (check.failed()) return;
  check.require(s.begin[0] >= 0 && s.begin[0] < x[s.axes[0]], "begin", s.begin[0]);
  check.require(s.end[0] > s.begin[0] && s.end[0] <= x[s.axes[0]], "end", s.end[0]);
}

constexpr void check_pad(const Settings& s, const Shape& x, SettingCheck& check) {
  check.require(s.axis_count == x.rank, "number of axes", s.axis_count);
  for (int axis = 0; axis < s.axis_count && !check.failed(); ++axis) {
    check.at_least(0, "margin", s.begin[axis]);
    check.at_least(0, "margin", s.end[axis]);
  }
}

constexpr void check_normalized_shape(const Settings& s, SettingCheck& check) {
  check.require(s.axis_count >= 1 && s.axis_count <= max_rank, "number of extents", s.axis_count);
  for (int i = 0; i < s.axis_count && !check.failed(); ++i) check.at_least(1, "normalized_shape", s.axes[i]);
}

}  // namespace detail

/// The first setting of a node that is out of range, if any. Limits that depend on unknown shapes are not checked.
constexpr SettingCheck check_settings(const Graph& graph, const Node& node, bool operands_known) {
  const bool depends_on_shape =
      is_shape_function(node.op) || family_of(node.op) == Family::Reduction || family_of(node.op) == Family::Cat;
  if (depends_on_shape && !operands_known) return {};
  const Settings& s = node.settings;
  const Shape x = node.operand_count > 0 ? graph.operand_node(node, 0).shape : node.shape;
  SettingCheck check;
  check.require(s.refused.size == 0, s.refused, s.axes[0]);
  switch (family_of(node.op)) {
    case Family::Input:
      for (int axis = 0; axis < x.rank; ++axis) check.at_least(1, "extent", x[axis]);
      break;
    case Family::TransposedConvolution: detail::check_output_padding(s, check); [[fallthrough]];
    case Family::Convolution:
      detail::check_window(s, check);
      detail::check_channels(s, check);
      break;
    case Family::Linear:
      check.at_least(1, "in_features", s.in_channels);
      check.at_least(1, "out_features", s.out_channels);
      break;
    case Family::Lookup:
      check.at_least(1, "num_embeddings", s.in_channels);
      check.at_least(1, "embedding_dim", s.out_channels);
      check.require(s.axis_count == 0 || (s.axes[0] >= 0 && s.axes[0] < s.in_channels), "padding_idx", s.axes[0]);
      break;
    case Family::BatchNorm:
      check.at_least(1, "channels", s.in_channels);
      check.non_negative("eps", s.epsilon);
      check.non_negative("momentum", s.momentum);
      break;
    case Family::PReLU:
      check.at_least(1, "num_parameters", s.in_channels);
      check.finite("init", s.parameters[0]);
      break;
    case Family::ChannelAffine:
      check.at_least(1, "channels", s.in_channels);
      check.non_negative("eps", s.epsilon);
      break;
    case Family::RowNorm:
      detail::check_normalized_shape(s, check);
      check.finite("eps", s.epsilon);
      check.above("eps", s.epsilon, 0);  // else a row of equal values would be 0 / 0
      break;
    case Family::MaxPool:
    case Family::AveragePool:
      if (row_of(node.op).windows != Windows::Sliding) {
        detail::check_output_size(s, check);
        break;
      }
      detail::check_window(s, check);
      detail::check_pool_padding(s, check);
      if (family_of(node.op) == Family::MaxPool && operands_known)
        detail::check_max_pool_windows(s, map_of(node.op, x), check);
      break;
    case Family::Upsample: detail::check_scale_factor(s, x, node.shape, operands_known, check); break;
    case Family::Function:
    case Family::ScalarAddition:
    case Family::ScalarProduct:
      for (int i = 0; i < 2 && row_of(node.op).parameters[i].size > 0; ++i)
        check.finite(row_of(node.op).parameters[i], s.parameters[i]);
      if (row_of(node.op).parameters_ascend)
        check.above(row_of(node.op).parameters[1], s.parameters[1], s.parameters[0]);
      if (row_of(node.op).divides_by_parameter) check.not_zero(row_of(node.op).parameters[0], s.parameters[0]);
      if (node.op == Operator::MulScalar && node.domain == Domain::Quantized)
        check.not_zero("scalar", s.parameters[0]);  // else the output would have the scale 0
      break;
    case Family::Cat:
      if (s.axis_count > 0) detail::check_axes(node, x, check);
      break;
    case Family::Reduction: detail::check_axes(node, x, check); break;
    case Family::View:
      if (node.op == Operator::Reshape) detail::check_reshape(s, check);
      break;
    case Family::Move:
      if (node.op == Operator::Permute) detail::check_axes(node, x, check);
      if (node.op == Operator::Slice) detail::check_slice(s, x, check);
      if (node.op == Operator::Pad) detail::check_pad(s, x, check);
      break;
    case Family::QuantStub:
    case Family::DeQuantStub:
    case Family::Clamp:
    case Family::Softmax:
    case Family::Addition:
    case Family::Product:
    case Family::Comparison:
    case Family::MatMul:
    case Family::Handle: break;
  }
  check.require(!operands_known || node.shape.elements() < max_elements, "number of elements", max_elements);
  return check;
}

/// What is known of a node's shape, so that one mistake causes no second finding.
struct ShapeMark {
  bool operands_known = true;  // no mistake made the shapes of its operands unknown
  bool settings_hold = true;   // none of its settings is out of range
  bool known = true;           // the shape of its output is known
};

/// `mark` has an entry for each node.
constexpr void mark_shapes(const Graph& graph, ShapeMark* mark) {
  for (int n = 0; n < graph.node_count; ++n) {
    const Node& node = graph.nodes[n];
    bool operands_known = true;
    for (int i = 0; i < node.operand_count; ++i) operands_known = operands_known && mark[graph.operand(node, i)].known;
    const bool settings_hold = !check_settings(graph, node, operands_known).failed();
    const bool promised = node.shapes_agree || infer_shape(graph, node).is_promised;
    mark[n] = {operands_known, settings_hold, operands_known && settings_hold && promised};
  }
}

/// `mark` comes from `mark_shapes`.
constexpr void find_setting_mistakes(const Graph& graph, const ShapeMark* mark, Findings& findings) {
  const auto is_out_of_range = [&](const Node& node) { return !mark[&node - graph.nodes].settings_hold; };
  add_once_per_module(graph, findings, is_out_of_range, [&](const Node& node) {
    const bool operands_known = mark[&node - graph.nodes].operands_known;
    const SettingCheck check = check_settings(graph, node, operands_known);
    Finding finding(Mistake::SettingOutOfRange, graph, node);
    finding.other = check.setting;
    finding.number = check.value;
    finding.is_real = check.is_real;
    return finding;
  });
}

}  // namespace quench::misuse
