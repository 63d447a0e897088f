// SPDX-License-Identifier: Apache-2.0
// The order in which PyTorch has the features of each value of a graph.
//
// A feature map is [H, W, C] here and (C, H, W) in PyTorch. The sequence of a 1-d layer is [L, C] here and (C, L) in
// PyTorch: it is a map of one row. Every other value has the axes of the description. So a
// flatten gives the same numbers in two orders, and layers after it need their parameters permuted. One walk over the
// graph finds, for each value, PyTorch's index of each feature here (the elements of the last axis):
//
//   flatten of [H, W, C]            the feature (h, w, c) is PyTorch's (c, h, w)
//   element by element, softmax     the order of the operands; a Linear that is added to a flattened map takes its order
//   reshape of a vector to [H, W, C]  PyTorch's view(C, H, W): the Linear before it has its rows in that order; the same
//                                   for [L, C] if a 1-d layer takes it
//   LayerNorm of a whole map        its weight is PyTorch's (C, H, W)
//   cat, pad, slice                 each feature keeps its neighbours, as far as PyTorch's slice has the same features
//
// A description may mix H and W with C in another way (pixels into channels, a slice across the maps). PyTorch's
// program is then not known, and `unknown()` is the first such node.
#pragma once

#include <vector>

#include <quench/execution/steps.hpp>
#include <quench/ground/compiled.hpp>

namespace quench::interop::detail {

/// For each feature here, its index in PyTorch.
using FeatureOrder = std::vector<std::size_t>;

class TorchOrders {
 public:
  explicit TorchOrders(const Graph& graph);
  /// The features in quench's order, for files that say that they have them so.
  static TorchOrders ours(const Graph& graph);

  FeatureOrder of(int node) const;
  FeatureOrder of_operand(int node) const { return of(graph_.operand(graph_.nodes[node], 0)); }

  /// The order of the values of a row that a LayerNorm or RMSNorm normalizes. A whole map is (C, H, W) in PyTorch.
  FeatureOrder of_row(int node) const;
  Shape torch_shape_of_row(int node) const;

  /// The first node whose order in PyTorch is not known, or -1.
  int unknown() const { return unknown_; }

 private:
  TorchOrders() = default;

  // Values whose features have the same order form a group. The order of a Linear is free until another value fixes it.
  enum class State : unsigned char { Free, Fixed, Unknown };
  struct Group {
    State state = State::Fixed;
    FeatureOrder order{};  // empty: the order here
    std::size_t joined = 0;
  };
  struct Value {
    std::size_t group = 0;
    unsigned spatial = 0;         // a bit for each axis that comes from the H or W of a map
    bool channels_first = false;  // PyTorch has the last axis before the others
  };

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  static FeatureOrder same_order(int channels);

  std::size_t find(std::size_t group) const;
  std::size_t add(State state, FeatureOrder order = {});
  std::size_t same() { return add(State::Fixed); }
  std::size_t unknown_at(int node);

  /// The group of operands that `node` combines element by element.
  std::size_t join(int node, std::size_t a, std::size_t b);

  const Value& operand(const Node& node, int i = 0) const { return values_[index(graph_.operand(node, i))]; }
  const Shape& shape_of(const Node& node, int i = 0) const { return graph_.operand_node(node, i).shape; }

  /// The order of an operand, fixed now if it was free. `is_unknown` if there is none.
  struct Resolved {
    FeatureOrder order;
    bool is_same, is_unknown;
  };
  Resolved resolve(const Node& node, int i = 0);
  /// A group in the order here, if the operand is in it.
  std::size_t same_if_operand_is(int n, int i = 0);

  // True if a LayerNorm or RMSNorm normalizes a map that PyTorch has with the channels first, over several axes.
  bool normalizes_map(int n) const;

  // Extents of 1 have no order: they may be any axis.
  static bool is_map(const Shape& shape, unsigned spatial);
  static Value labelled(std::size_t group, const Shape& shape, unsigned spatial, bool channels_first);
  static Value map_of(std::size_t group) { return {group, 0b011, true}; }
  /// A map of the group, or the sequence of a 1-d layer.
  static Value map_of(std::size_t group, const Shape& shape) {
    return shape.rank == 2 ? Value{group, 0b01, true} : map_of(group);
  }

  /// Marks the values [L, C] that 1-d layers take, as far back as operators that keep their axes lead.
  void mark_sequences();
  bool is_map_or_sequence(int n) const { return graph_.nodes[n].shape.rank == 3 || is_sequence_[index(n)]; }

  Value value_of(int n);

  Value element_by_element(int n);

  Value joined_features(int n);

  Value matrix_product(int n);

  Value reduced(int n);

  Value permuted(int n);

  Value sliced(int n);

  Value padded(int n);

  Value normalized(int n);

  /// flatten and reshape: matches runs of axes with equally many elements on both sides.
  Value regrouped(int n);

  static std::vector<int> axes_with_order(const Shape& shape);
  /// For channels in a given order: the places of the elements of [.., C] where PyTorch has (C, ..).
  static FeatureOrder channels_first(const Shape& shape, const FeatureOrder& channels);
  std::size_t flattened_map(int n, bool is_last_axis);

  /// Layers with the same parameters need them in the same order.
  void check_tie(int n);

  Graph graph_{};
  std::vector<bool> is_sequence_;
  std::vector<Value> values_;
  std::vector<Group> groups_;
  int unknown_ = -1;
};

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/torch_order_impl.hpp>
#endif
