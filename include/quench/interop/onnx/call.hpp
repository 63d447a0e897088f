// SPDX-License-Identifier: Apache-2.0
// A node of an ONNX graph for the code that gives it a meaning: its attributes with their types, each of which must be
// asked for, so that no setting is passed over.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/onnx/constant.hpp>

namespace quench::interop::detail {

class OnnxCall {
 public:
  OnnxCall(const OnnxNode& node, int opset) : node_(&node), opset_(opset) {}

  const OnnxNode& node() const& { return *node_; }
  const OnnxNode& node() const&& = delete;
  std::string_view op() const& { return node_->op; }
  std::string_view op() const&& = delete;
  int opset() const { return opset_; }
  /// "Conv '/features/conv/Conv'"
  std::string title() const;

  /// True if input i is there.
  bool has_input(std::size_t i) const { return i < node_->inputs.size() && !node_->inputs[i].empty(); }
  std::string_view input(std::size_t i) const& { return has_input(i) ? node_->inputs[i] : std::string_view(); }
  std::string_view input(std::size_t i) const&& = delete;
  bool has_output(std::size_t i) const { return i < node_->outputs.size() && !node_->outputs[i].empty(); }

  /// Attributes, or what they are without one.
  /// Errors   model-not-understood: the attribute is of another type
  bool has(std::string_view name) const { return node_->attribute(name) != nullptr; }
  std::int64_t integer(std::string_view name, std::int64_t otherwise);
  float real(std::string_view name, float otherwise);
  std::string_view text(std::string_view name, std::string_view otherwise) &;
  std::vector<std::int64_t> integers(std::string_view name, std::vector<std::int64_t> otherwise = {});
  std::vector<float> reals(std::string_view name);
  const OnnxTensor* tensor(std::string_view name) &;
  /// An attribute that does not change what the node computes.
  void ignore(std::string_view name) { known_.insert(name); }

  /// Errors   model-not-understood: it has an attribute that nobody asked for, or not so many inputs
  void check_attributes() const;
  void check_inputs(std::size_t least, std::size_t most) const;

 private:
  template <class T>
  T value(std::string_view name, T otherwise);

  const OnnxNode* node_;
  int opset_;
  std::set<std::string_view> known_{};
};

/// Refuses what is not so: `why` is the reason, `cure` what to do.
[[noreturn]] void refuse_node(const std::string& why, const std::string& cure);

/// An axis that counts from the end if it is negative.
/// Errors   model-not-understood: there is no such axis
std::size_t onnx_axis(std::int64_t axis, std::size_t rank);
/// Axes, each once.
std::vector<std::size_t> onnx_axes(const std::vector<std::int64_t>& axes, std::size_t rank);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/call_impl.hpp>
#endif
