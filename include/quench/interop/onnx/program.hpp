// SPDX-License-Identifier: Apache-2.0
// The calls of a network that an ONNX graph becomes, as far as they are known, and the calls of reshape and permute that
// bring a view of a value (onnx/view.hpp) into an order in memory.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/imported_network.hpp>
#include <quench/interop/onnx.hpp>
#include <quench/interop/onnx/view.hpp>

namespace quench::interop::detail {

/// A call, and where it is from.
struct OnnxStep {
  ImportedStep step{};
  const OnnxNode* node = nullptr;
  std::vector<std::string_view> origins{};  // the initializers of its parameters, the weight first
};

class OnnxProgram {
 public:
  /// `batch_extent` is that of the file; with `batch_is_symbol` it may be any number. All parameters together may have
  /// `room_for_parameters` elements.
  OnnxProgram(std::int64_t batch_extent, bool batch_is_symbol, std::int64_t room_for_parameters)
      : batch_extent_(batch_extent), batch_is_symbol_(batch_is_symbol), room_for_parameters_(room_for_parameters) {}

  /// The next number of the network's values. Axis i is axis `order[i]` of the file, which has `rank` axes.
  OnnxView add_input(const OnnxShape& shape, const std::vector<std::size_t>& order, std::size_t rank,
                     std::size_t batch_axis, bool is_indices = false);
  /// True for an input of indices. Only an Embedding takes them.
  bool is_indices(int value) const { return value < input_count() && are_indices_[static_cast<std::size_t>(value)]; }
  /// The calls from now on are from this node.
  void set_node(const OnnxNode* node) { node_ = node; }
  const OnnxNode* node() const& { return node_; }
  const OnnxNode* node() const&& = delete;

  const std::vector<OnnxStep>& steps() const& { return steps_; }
  const std::vector<OnnxStep>& steps() const&& = delete;
  std::vector<OnnxStep>& steps() & { return steps_; }
  int input_count() const { return static_cast<int>(input_shapes_.size()); }
  std::int64_t batch_extent() const { return batch_extent_; }
  /// False if samples of a batch would be mixed by what is done to the batch's axis.
  bool batch_is_one() const { return batch_extent_ == 1 && !batch_is_symbol_; }
  /// Things that a reader of the result should know.
  const std::vector<std::string>& notes() const& { return notes_; }
  const std::vector<std::string>& notes() const&& = delete;
  void note(std::string text) { notes_.push_back(std::move(text)); }
  /// The order of axes in which convolutions wanted an input, where it has another one.
  const std::map<int, std::vector<std::size_t>>& wanted_orders() const& { return wanted_orders_; }
  const std::map<int, std::vector<std::size_t>>& wanted_orders() const&& = delete;

  OnnxShape file_shape(const OnnxView& view) const { return view.file_shape(batch_extent_); }

  /// Adds a call and returns the number of its value. A free function of the same value is called once.
  /// Errors   model-not-understood: the result has no element, more than six axes or too many elements; it takes indices
  int emit(ImportedStep step, std::vector<std::string_view> origins = {});
  const OnnxShape& shape_of(int value) const&;
  const OnnxShape& shape_of(int value) const&& = delete;
  /// A call of a layer that changes no shape and works element by element: the view stays.
  OnnxView apply(const OnnxView& x, std::string type, std::string settings = {}, std::string call = "$m($0)");

  /// A batch of 1 may be lost where it was joined with another axis: the first axis of extent 1 is the batch then.
  OnnxView with_batch(OnnxView x) const;
  /// The axes of the file without the batch.
  std::vector<std::size_t> own_axes(const OnnxView& x) const;
  /// The view with these groups of factors as its axes in memory, by reshape and permute where needed.
  OnnxView arranged(const OnnxView& x, const std::vector<OnnxFactors>& groups);
  /// The same with these axes of the file.
  OnnxView in_order(const OnnxView& x, const std::vector<std::size_t>& order);
  /// As in_order, for a layer over maps. An input without an order takes this one.
  OnnxView as_map(const OnnxView& x);
  /// Each axis of the file, without the batch, an axis in memory, in an order that needs the fewest calls.
  struct Axes {
    OnnxView view;
    std::vector<std::size_t> order;  // axis i in memory is axis order[i] of the file
    std::size_t place(std::size_t axis) const;
  };
  Axes as_axes(const OnnxView& x);
  /// The order of as_axes, if it needs no call.
  std::optional<std::vector<std::size_t>> axes_as_they_lie(const OnnxView& x) const;
  /// Axes of the file joined as the last axis in memory.
  struct Last {
    OnnxView view;
    OnnxShape extents{};               // of the joined axes, in parts
    std::vector<std::size_t> order{};  // of these parts in memory; empty if it is the same
    /// Element i in memory is element places[i] of the joined axes; none if they are the same.
    std::vector<std::size_t> places() const;
  };
  /// With `exactly` each other axis of the file is an axis in memory.
  Last with_last(const OnnxView& x, const std::vector<std::size_t>& axes, bool exactly);

 private:
  std::vector<std::size_t> in_memory_order(const OnnxView& x, const std::vector<std::size_t>& axes) const;
  OnnxFactors group(const OnnxView& x, std::size_t axis) const;
  int permuted(const OnnxView& x, const std::vector<OnnxFactors>& groups, const OnnxShape& wanted);
  int reshaped(int value, const OnnxShape& shape);
  /// Notes the order of an input that a layer over maps wants.
  void want_order(const OnnxView& x, const std::vector<std::size_t>& order);

  std::int64_t batch_extent_;
  bool batch_is_symbol_;
  bool has_batch_ = false;
  const OnnxNode* node_ = nullptr;
  std::vector<OnnxShape> input_shapes_{};
  std::vector<bool> are_indices_{};
  std::vector<OnnxStep> steps_{};
  std::map<std::pair<std::string, int>, int> functions_{};  // calls of free functions by text and operand
  std::map<int, std::vector<std::size_t>> wanted_orders_{};
  std::vector<std::string> notes_{};
  std::int64_t room_for_parameters_;
};

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/program_impl.hpp>
#endif
