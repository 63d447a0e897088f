// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/torch_order.hpp>

#include <numeric>
#include <vector>

namespace quench::interop {

namespace detail {

QUENCH_INLINE TorchOrders::TorchOrders(const Graph& graph) : graph_(graph) {
  mark_sequences();
  for (int n = 0; n < graph.node_count; ++n) values_.push_back(value_of(n));
  for (int n = 0; n < graph.node_count; ++n) check_tie(n);
}

QUENCH_INLINE TorchOrders TorchOrders::ours(const Graph& graph) {
  TorchOrders orders;
  orders.graph_ = graph;
  orders.values_.assign(index(graph.node_count), Value{orders.same()});
  return orders;
}

QUENCH_INLINE FeatureOrder TorchOrders::of(int node) const {
  const Group& group = groups_[find(values_[index(node)].group)];
  if (group.state != State::Fixed || group.order.empty()) return same_order(graph_.nodes[node].shape.channels());
  return group.order;
}

QUENCH_INLINE bool TorchOrders::normalizes_map(int n) const {
  return values_[index(n)].channels_first && extents_of(graph_.nodes[n].settings).rank > 1;
}

QUENCH_INLINE FeatureOrder TorchOrders::of_row(int node) const {
  const Shape row = extents_of(graph_.nodes[node].settings);
  const FeatureOrder channels = of(node);
  if (normalizes_map(node)) return channels_first(row, channels);
  FeatureOrder order;
  for (std::size_t first = 0; first < index(row.elements()); first += channels.size())
    for (const std::size_t channel : channels) order.push_back(first + channel);
  return order;
}

QUENCH_INLINE Shape TorchOrders::torch_shape_of_row(int node) const {
  const Shape row = extents_of(graph_.nodes[node].settings);
  if (!normalizes_map(node)) return row;
  Shape shape = row;
  shape[0] = row.channels();
  for (int axis = 1; axis < row.rank; ++axis) shape[axis] = row[axis - 1];
  return shape;
}

QUENCH_INLINE FeatureOrder TorchOrders::same_order(int channels) {
  FeatureOrder order(index(channels));
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

QUENCH_INLINE std::size_t TorchOrders::find(std::size_t group) const {
  while (groups_[group].joined != group) group = groups_[group].joined;
  return group;
}

QUENCH_INLINE std::size_t TorchOrders::add(State state, FeatureOrder order) {
  if (order == same_order(static_cast<int>(order.size()))) order.clear();
  groups_.push_back({state, std::move(order), groups_.size()});
  return groups_.size() - 1;
}

QUENCH_INLINE std::size_t TorchOrders::unknown_at(int node) {
  if (unknown_ < 0) unknown_ = node;
  return add(State::Unknown);
}

QUENCH_INLINE std::size_t TorchOrders::join(int node, std::size_t a, std::size_t b) {
  a = find(a), b = find(b);
  if (a == b) return a;
  if (groups_[a].state == State::Free) return groups_[a].joined = b;
  if (groups_[b].state == State::Free) return groups_[b].joined = a;
  if (groups_[a].state == State::Unknown) return a;
  if (groups_[b].state == State::Unknown || groups_[a].order == groups_[b].order) return b;
  return unknown_at(node);
}

QUENCH_INLINE TorchOrders::Resolved TorchOrders::resolve(const Node& node, int i) {
  Group& group = groups_[find(operand(node, i).group)];
  if (group.state == State::Free) group.state = State::Fixed;
  const bool is_unknown = group.state == State::Unknown, is_same = !is_unknown && group.order.empty();
  return {group.order.empty() ? same_order(shape_of(node, i).channels()) : group.order, is_same, is_unknown};
}

QUENCH_INLINE std::size_t TorchOrders::same_if_operand_is(int n, int i) {
  return resolve(graph_.nodes[n], i).is_same ? same() : unknown_at(n);
}

QUENCH_INLINE bool TorchOrders::is_map(const Shape& shape, unsigned spatial) {
  if (shape.rank != 3) return false;
  const auto is_spatial = [&](int axis) { return (spatial >> axis & 1) != 0; };
  return (is_spatial(0) || shape[0] == 1) && (is_spatial(1) || shape[1] == 1) && (!is_spatial(2) || shape[2] == 1);
}

QUENCH_INLINE TorchOrders::Value TorchOrders::labelled(std::size_t group, const Shape& shape, unsigned spatial,
                                                       bool channels_first) {
  if (is_map(shape, spatial)) return map_of(group);
  return {group, spatial, channels_first};
}

QUENCH_INLINE void TorchOrders::mark_sequences() {
  is_sequence_.resize(index(graph_.node_count));
  for (int n = graph_.node_count; n-- > 0;) {
    const Node& node = graph_.nodes[n];
    const bool keeps_axes = row_of(node.op).elements == Elements::InPlace || family_of(node.op) == Family::Cat ||
                            (family_of(node.op) == Family::Move && node.op != Operator::Permute);
    if (!row_of(node.op).is_1d && !(is_sequence_[index(n)] && keeps_axes)) continue;
    for (int i = 0; i < node.operand_count; ++i)
      if (shape_of(node, i).rank == 2) is_sequence_[index(graph_.operand(node, i))] = true;
  }
}

QUENCH_INLINE TorchOrders::Value TorchOrders::value_of(int n) {
  const Node& node = graph_.nodes[n];
  switch (family_of(node.op)) {
    case Family::Input: return is_map_or_sequence(n) ? map_of(same(), node.shape) : Value{same()};
    case Family::Convolution:
    case Family::TransposedConvolution:
      return map_of(node.settings.groups > 1 ? same_if_operand_is(n) : same(), node.shape);
    case Family::MaxPool:
    case Family::AveragePool:
    case Family::Upsample: return map_of(operand(node).group, node.shape);
    case Family::Linear: {
      Value value = operand(node);
      value.group = add(node.shape.rank == 1 ? State::Free : State::Fixed);
      if (node.shape.elements() == node.shape.channels()) value.spatial = 0;  // the weight spans all pixels as features
      return value;
    }
    case Family::Lookup: return is_sequence_[index(n)] ? map_of(same(), node.shape) : Value{same()};
    case Family::BatchNorm:
    case Family::ChannelAffine: return node.shape.rank == 3 ? map_of(operand(node).group) : operand(node);
    case Family::RowNorm: return normalized(n);
    case Family::QuantStub:
    case Family::DeQuantStub:
    case Family::Clamp:
    case Family::PReLU:
    case Family::Function:
    case Family::Softmax:
    case Family::ScalarAddition:
    case Family::ScalarProduct: return operand(node);
    case Family::Addition:
    case Family::Product:
    case Family::Comparison: return element_by_element(n);
    case Family::Cat: return joined_features(n);
    case Family::MatMul: return matrix_product(n);
    case Family::Reduction: return reduced(n);
    case Family::View: return regrouped(n);
    case Family::Move:
      return node.op == Operator::Permute ? permuted(n) : node.op == Operator::Slice ? sliced(n) : padded(n);
    case Family::Handle: break;  // no node is one
  }
  return {unknown_at(n)};
}

QUENCH_INLINE TorchOrders::Value TorchOrders::element_by_element(int n) {
  const Node& node = graph_.nodes[n];
  const Value &a = operand(node, 0), &b = operand(node, 1);
  const int channels = node.shape.channels();
  const bool has_a = shape_of(node, 0).channels() == channels, has_b = shape_of(node, 1).channels() == channels;
  const std::size_t group = has_a && has_b ? join(n, a.group, b.group) : has_a ? a.group : b.group;
  // One number for each channel has no order of axes, so it fits a sequence.
  const auto is_row = [&](int i) { return shape_of(node, i).elements() == channels; };
  const bool channels_first = (a.channels_first || is_row(0)) && (b.channels_first || is_row(1));
  return labelled(group, node.shape, a.spatial | b.spatial, channels_first && (a.channels_first || b.channels_first));
}

QUENCH_INLINE TorchOrders::Value TorchOrders::joined_features(int n) {
  const Node& node = graph_.nodes[n];
  Value value = operand(node);
  const int axis = cat_axis(node);
  if (axis != node.shape.rank - 1) {
    for (int i = 1; i < node.operand_count; ++i) {
      value.group = join(n, value.group, operand(node, i).group);
      value.spatial |= operand(node, i).spatial;
      value.channels_first &= operand(node, i).channels_first;
    }
    // PyTorch may have an axis before all pixels also before the channels, as torch.stack does.
    value.channels_first &= (value.spatial & ((2u << axis) - 1)) != 0;
    return labelled(value.group, node.shape, value.spatial, value.channels_first);
  }
  FeatureOrder order;
  bool is_unknown = false;
  for (int i = 0; i < node.operand_count; ++i) {
    const Resolved part = resolve(node, i);
    const std::size_t begin = order.size();
    for (const std::size_t place : part.order) order.push_back(begin + place);
    is_unknown |= part.is_unknown;
    value.spatial |= operand(node, i).spatial;
    value.channels_first &= operand(node, i).channels_first;
  }
  return labelled(is_unknown ? unknown_at(n) : add(State::Fixed, std::move(order)), node.shape, value.spatial,
                  value.channels_first);
}

QUENCH_INLINE TorchOrders::Value TorchOrders::matrix_product(int n) {
  const Node& node = graph_.nodes[n];
  const Value second = operand(node, 1);
  const unsigned last = 1u << (node.shape.rank - 1);
  const std::size_t group = resolve(node).is_same ? second.group : unknown_at(n);
  return labelled(group, node.shape, (operand(node).spatial & ~last) | (second.spatial & last), false);
}

QUENCH_INLINE TorchOrders::Value TorchOrders::reduced(int n) {
  const Node& node = graph_.nodes[n];
  const Settings& s = node.settings;
  const Value x = operand(node);
  const int rank = shape_of(node).rank;
  Value value{x.group, 0, x.channels_first};
  for (int axis = 0, to = 0; axis < rank; ++axis) {
    bool is_reduced = false;
    for (int i = 0; i < s.axis_count; ++i) is_reduced |= s.axes[i] == axis;
    if (is_reduced && axis == rank - 1) value.group = same();
    if (!is_reduced || s.keepdim) value.spatial |= (x.spatial >> axis & 1) << to++;
  }
  return labelled(value.group, node.shape, value.spatial, value.channels_first);
}

QUENCH_INLINE TorchOrders::Value TorchOrders::permuted(int n) {
  const Node& node = graph_.nodes[n];
  const Settings& s = node.settings;
  const Value x = operand(node);
  const int last = node.shape.rank - 1;
  bool is_as_torch = x.channels_first && s.axes[0] == last;  // the map with PyTorch's axes
  Value value{x.group, 0, x.channels_first};
  for (int axis = 0; axis <= last; ++axis) {
    value.spatial |= (x.spatial >> s.axes[axis] & 1) << axis;
    if (axis > 0) is_as_torch &= s.axes[axis] == axis - 1;
  }
  if (s.axes[last] == last) return value;
  value.group = same_if_operand_is(n);
  if (is_as_torch) return {value.group};
  return labelled(value.group, node.shape, value.spatial, false);
}

QUENCH_INLINE TorchOrders::Value TorchOrders::sliced(int n) {
  const Node& node = graph_.nodes[n];
  Value value = operand(node);
  if (node.settings.axes[0] != node.shape.rank - 1) return value;
  const Resolved x = resolve(node);
  const std::size_t begin = index(node.settings.begin[0]), end = index(node.settings.end[0]);
  FeatureOrder order;
  bool has_the_same = !x.is_unknown;
  for (std::size_t i = begin; i < end && has_the_same; ++i) {
    has_the_same = x.order[i] >= begin && x.order[i] < end;
    order.push_back(x.order[i] - begin);
  }
  value.group = has_the_same ? add(State::Fixed, std::move(order)) : unknown_at(n);
  return value;
}

QUENCH_INLINE TorchOrders::Value TorchOrders::padded(int n) {
  const Node& node = graph_.nodes[n];
  const int last = node.shape.rank - 1;
  const std::size_t before = index(node.settings.begin[last]), after = index(node.settings.end[last]);
  Value value = operand(node);
  if (before + after == 0) return value;
  const Resolved x = resolve(node);
  FeatureOrder order = same_order(node.shape.channels());
  for (std::size_t i = 0; i < x.order.size(); ++i) order[before + i] = before + x.order[i];
  value.group = x.is_unknown ? unknown_at(n) : add(State::Fixed, std::move(order));
  return value;
}

QUENCH_INLINE TorchOrders::Value TorchOrders::normalized(int n) {
  const Node& node = graph_.nodes[n];
  Value value = operand(node);
  const int axes = extents_of(node.settings).rank;
  int pixel_axes = 0;
  for (int axis = node.shape.rank - axes; axis < node.shape.rank; ++axis)
    pixel_axes += (value.spatial >> axis & 1) != 0;
  const bool is_part_of_map = value.channels_first && axes > 1 && axes < node.shape.rank;
  if (is_part_of_map || (!value.channels_first && pixel_axes > 1)) value.group = unknown_at(n);
  return value;
}

QUENCH_INLINE TorchOrders::Value TorchOrders::regrouped(int n) {
  const Node& node = graph_.nodes[n];
  const Shape &x = shape_of(node), &y = node.shape;
  const Value from = operand(node);
  const std::vector<int> xs = axes_with_order(x), ys = axes_with_order(y);
  const auto is_spatial = [&](int axis) { return (from.spatial >> axis & 1) != 0; };
  if (xs.empty()) return labelled(same(), y, 0, false);
  if (ys.size() == 1 && xs.size() > 1 && from.spatial != 0 && !is_spatial(xs.back()) && from.channels_first)
    return labelled(flattened_map(n, xs.back() == x.rank - 1 && ys[0] == y.rank - 1), y, 0, false);
  if (xs.size() == 1 && ys.size() > 1 && is_map_or_sequence(n) && xs[0] == x.rank - 1) {
    const std::size_t needed = add(State::Fixed, channels_first(y, same_order(y.channels())));
    const bool fits = groups_[join(n, from.group, needed)].state == State::Fixed;
    return map_of(fits ? same() : unknown_at(n), y);
  }
  unsigned spatial = 0;
  std::size_t group = same();
  bool is_regrouped = false, is_known = true;
  for (std::size_t i = 0, j = 0; i < xs.size();) {
    const std::size_t first = i, to = j;
    bool has_spatial = false, has_other = false;
    const auto take_x = [&] {
      (is_spatial(xs[i]) ? has_spatial : has_other) = true;
      return x[xs[i++]];
    };
    long long x_size = take_x(), y_size = y[ys[j++]];
    while (x_size != y_size) x_size < y_size ? x_size *= take_x() : y_size *= y[ys[j++]];
    const bool is_one_axis = i - first == 1 && j - to == 1;
    is_regrouped |= !is_one_axis;
    if (has_spatial && has_other) is_known = false;
    for (std::size_t axis = to; has_spatial && axis < j; ++axis) spatial |= 1u << ys[axis];
    if (xs[i - 1] != x.rank - 1) continue;
    if (is_one_axis && ys[to] == y.rank - 1)
      group = from.group;
    else
      is_known &= resolve(node).is_same;
  }
  const bool last_stays_last = xs.back() != x.rank - 1 || ys.back() == y.rank - 1;
  return labelled(is_known ? group : unknown_at(n), y, spatial,
                  from.channels_first && !is_regrouped && last_stays_last);
}

QUENCH_INLINE std::vector<int> TorchOrders::axes_with_order(const Shape& shape) {
  std::vector<int> axes;
  for (int axis = 0; axis < shape.rank; ++axis)
    if (shape[axis] != 1) axes.push_back(axis);
  return axes;
}

QUENCH_INLINE FeatureOrder TorchOrders::channels_first(const Shape& shape, const FeatureOrder& channels) {
  const std::size_t pixels = index(shape.elements()) / channels.size();
  FeatureOrder order;
  for (std::size_t pixel = 0; pixel < pixels; ++pixel)
    for (const std::size_t channel : channels) order.push_back(channel * pixels + pixel);
  return order;
}

QUENCH_INLINE std::size_t TorchOrders::flattened_map(int n, bool is_last_axis) {
  const Resolved x = resolve(graph_.nodes[n]);
  if (x.is_unknown || !is_last_axis) return unknown_at(n);
  return add(State::Fixed, channels_first(shape_of(graph_.nodes[n]), x.order));
}

QUENCH_INLINE void TorchOrders::check_tie(int n) {
  const Node& node = graph_.nodes[n];
  if (!is_trained(node.op) || (node.op == Operator::PReLU && node.settings.in_channels == 1)) return;
  const int first = graph_.modules[graph_.modules[node.module].parameters_from].node;
  if (unknown_ < 0 && first >= 0 && (of(first) != of(n) || of_operand(first) != of_operand(n))) unknown_ = n;
}

}  // namespace detail

}  // namespace quench::interop
