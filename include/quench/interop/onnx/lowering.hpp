// SPDX-License-Identifier: Apache-2.0
// What the meanings of ONNX operators share (onnx/layers.hpp, onnx/elementwise.hpp, onnx/windows.hpp, onnx/moves.hpp):
// the values of the graph so far, beside the calls that they have become (onnx/program.hpp).
//
// Every node is lowered in order, alone. A pattern of several nodes is found at its last node, which gets a call of its
// own; what only the pattern used is left out at the end (import_onnx.hpp). A node without a meaning gives a value with
// the reason, and only what needs this value is refused.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/interop/cpp_text.hpp>
#include <quench/interop/onnx/program.hpp>
#include <quench/interop/onnx/settings.hpp>

namespace quench::interop::detail {

/// A value of the graph: a constant, a view of a value of the network, or the reason why it is neither.
struct OnnxValueHere {
  std::optional<OnnxConstant> constant{};
  std::optional<OnnxView> view{};
  std::string refusal{};
  bool is_sole = false;  // nothing else uses the value in the network, so its call may still be changed
};

class OnnxLowering;

/// An operator of ONNX with one output, and what it becomes.
struct OnnxMeaning {
  std::string_view op;
  OnnxView (*lower)(OnnxLowering&, OnnxCall&);
};

class OnnxLowering : public OnnxProgram {
 public:
  OnnxLowering(const OnnxGraph& graph, std::int64_t batch_extent, bool batch_is_symbol);

  /// Gives an input of the graph its view.
  void set_input(std::string_view name, OnnxView view) { values_[name].view = std::move(view); }
  /// Gives the outputs of a node their values, or refuses it.
  using LowerOperator = void(OnnxLowering&, OnnxCall&);
  /// Lowers all nodes: folds those of constants, and calls `lower_operator` for the others.
  void run(LowerOperator* lower_operator);

  const OnnxValueHere& value(std::string_view name) const&;
  const OnnxValueHere& value(std::string_view name) const&& = delete;
  const OnnxNode* producer(std::string_view name) const&;
  const OnnxNode* producer(std::string_view name) const&& = delete;

  // ---- For the meanings of operators.

  /// Errors   model-not-understood, with `why`: another output than the first is used
  void check_unused_outputs(const OnnxCall& call, const std::string& why) const;
  OnnxConstants constants_of(const OnnxCall& call) const;
  bool is_constant(const OnnxCall& call, std::size_t i) const { return value(call.input(i)).constant.has_value(); }
  /// Input i.
  /// Errors   model-not-understood: it is no tensor of the network; it is no constant; `refusal` of the value
  const OnnxView& tensor(const OnnxCall& call, std::size_t i = 0) const&;
  const OnnxView& tensor(const OnnxCall& call, std::size_t i) const&& = delete;
  const OnnxConstant& constant(const OnnxCall& call, std::size_t i) const&;
  const OnnxConstant& constant(const OnnxCall& call, std::size_t i) const&& = delete;
  OnnxFoldBudget& budget() & { return budget_; }

  /// The result of output i.
  void give(const OnnxCall& call, OnnxView view, std::size_t i = 0);
  void give(const OnnxCall& call, OnnxConstant constant, std::size_t i = 0);

  /// Gives the result that the meaning of the call's operator has; false if there is none among them.
  bool give_by(std::span<const OnnxMeaning> meanings, OnnxCall& call);

  /// The call that made input i, if nothing else uses its value.
  OnnxStep* sole_producer(const OnnxCall& call, std::size_t i = 0) &;

 private:
  void lower(const OnnxNode& node, LowerOperator* lower_operator);
  void lower_call(OnnxCall& call, LowerOperator* lower_operator);

  const OnnxGraph* graph_;
  OnnxFoldBudget budget_;
  std::map<std::string_view, OnnxValueHere> values_{};
  std::map<std::string_view, int> users_{};
  std::map<std::string_view, const OnnxNode*> producers_{};
};

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/lowering_impl.hpp>
#endif
