// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/lowering.hpp>

#include <algorithm>

#include <quench/interop/onnx/fold.hpp>

namespace quench::interop {

namespace detail {

/// The elements of all constants of the file.
inline std::int64_t constant_elements(const OnnxGraph& graph) {
  std::int64_t count = 0;
  const auto add = [&](const OnnxTensor& tensor) { count += elements_of({tensor.shape.begin(), tensor.shape.end()}); };
  for (const OnnxTensor& tensor : graph.initializers()) add(tensor);
  for (const OnnxNode& node : graph.nodes())
    for (const OnnxAttribute& attribute : node.attributes)
      if (const OnnxTensor* tensor = std::get_if<OnnxTensor>(&attribute.value)) add(*tensor);
  return count;
}

inline constexpr std::int64_t some_elements = std::int64_t{1} << 21;

// Constants that are folded may be as large as those of the file, and a few megabytes more. Parameters may be used four
// times.
QUENCH_INLINE OnnxLowering::OnnxLowering(const OnnxGraph& graph, std::int64_t batch_extent, bool batch_is_symbol)
    : OnnxProgram(batch_extent, batch_is_symbol, 4 * constant_elements(graph) + some_elements),
      graph_(&graph),
      budget_(2 * constant_elements(graph) + some_elements) {
  for (const OnnxNode& node : graph.nodes()) {
    for (const std::string_view name : node.inputs) ++users_[name];
    for (const std::string_view name : node.outputs) producers_[name] = &node;
  }
  for (const OnnxValue& output : graph.outputs()) ++users_[output.name];
}

QUENCH_INLINE void OnnxLowering::run(LowerOperator* lower_operator) {
  for (const OnnxTensor& tensor : graph_->initializers()) {
    OnnxValueHere& value = values_[tensor.name];
    try {
      value.constant = OnnxConstant(tensor);
    } catch (const Error& error) {
      value.refusal = error.evidence();
    }
  }
  for (const OnnxNode& node : graph_->nodes()) lower(node, lower_operator);
}

QUENCH_INLINE void OnnxLowering::lower(const OnnxNode& node, LowerOperator* lower_operator) {
  OnnxCall call(node, graph_->opset());
  set_node(&node);
  try {
    lower_call(call, lower_operator);
  } catch (const Error& error) {
    if (!(error.slug() == diagnosis::model_not_understood.slug)) throw;
    for (const std::string_view name : node.outputs) {
      OnnxValueHere& value = values_[name];
      value = {};
      // A value that is refused passes its own reason on.
      value.refusal = call.title() + ": " + error.evidence();
      for (const std::string_view input : node.inputs)
        if (!input.empty() && !this->value(input).refusal.empty()) value.refusal = this->value(input).refusal;
    }
  }
}

QUENCH_INLINE void OnnxLowering::lower_call(OnnxCall& call, LowerOperator* lower_operator) {
  if (!(call.node().domain.empty() || call.node().domain == "ai.onnx"))
    misunderstand("its domain " + shown(call.node().domain) + " is not the standard's");
  if (auto folded = fold_onnx(call, constants_of(call), budget_)) {
    for (std::size_t i = 0; i < folded->size() && i < call.node().outputs.size(); ++i)
      give(call, std::move((*folded)[i]), i);
  } else {
    lower_operator(*this, call);
  }
  call.check_attributes();
}

QUENCH_INLINE const OnnxValueHere& OnnxLowering::value(std::string_view name) const& {
  static const OnnxValueHere none;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second;
}

QUENCH_INLINE const OnnxNode* OnnxLowering::producer(std::string_view name) const& {
  const auto found = producers_.find(name);
  return found == producers_.end() ? nullptr : found->second;
}

QUENCH_INLINE void OnnxLowering::check_unused_outputs(const OnnxCall& call, const std::string& why) const {
  for (std::size_t i = 1; i < call.node().outputs.size(); ++i)
    if (call.has_output(i) && users_.contains(call.node().outputs[i]))
      refuse_node(why, "export the model for inference");
}

QUENCH_INLINE OnnxConstants OnnxLowering::constants_of(const OnnxCall& call) const {
  OnnxConstants constants;
  for (const std::string_view name : call.node().inputs) {
    const OnnxValueHere& of = value(name);
    constants.push_back(of.constant ? &*of.constant : nullptr);
  }
  return constants;
}

QUENCH_INLINE const OnnxView& OnnxLowering::tensor(const OnnxCall& call, std::size_t i) const& {
  if (!call.has_input(i)) misunderstand("its input " + std::to_string(i) + " is missing");
  const OnnxValueHere& of = value(call.input(i));
  if (of.view) return *of.view;
  if (!of.refusal.empty()) misunderstand(of.refusal);
  refuse_node("its input " + shown(call.input(i)) + " is a constant", "compute what follows from it before the export");
}

QUENCH_INLINE const OnnxConstant& OnnxLowering::constant(const OnnxCall& call, std::size_t i) const& {
  if (!call.has_input(i)) misunderstand("its input " + std::to_string(i) + " is missing");
  const OnnxValueHere& of = value(call.input(i));
  if (of.constant) return *of.constant;
  if (!of.refusal.empty()) misunderstand(of.refusal);
  refuse_node("its input " + shown(call.input(i)) + " is computed by the network", "quench needs a constant there");
}

QUENCH_INLINE bool OnnxLowering::give_by(std::span<const OnnxMeaning> meanings, OnnxCall& call) {
  for (const OnnxMeaning& meaning : meanings) {
    if (call.op() != meaning.op) continue;
    give(call, meaning.lower(*this, call));
    return true;
  }
  return false;
}

QUENCH_INLINE void OnnxLowering::give(const OnnxCall& call, OnnxView view, std::size_t i) {
  if (!call.has_output(i)) return;
  const std::string_view name = call.node().outputs[i];
  // A call that the node added, or the call of its input, which nothing else may use.
  bool is_sole = users_[name] <= 1 && view.value >= input_count();
  if (is_sole && steps()[static_cast<std::size_t>(view.value - input_count())].node != node()) {
    is_sole = false;
    for (const std::string_view input : call.node().inputs)
      if (const OnnxValueHere& of = value(input); of.view && of.view->value == view.value) is_sole = of.is_sole;
  }
  values_[name].view = std::move(view);
  values_[name].is_sole = is_sole;
}

QUENCH_INLINE void OnnxLowering::give(const OnnxCall& call, OnnxConstant constant, std::size_t i) {
  if (call.has_output(i)) values_[call.node().outputs[i]].constant = std::move(constant);
}

QUENCH_INLINE OnnxStep* OnnxLowering::sole_producer(const OnnxCall& call, std::size_t i) & {
  const OnnxValueHere& of = value(call.input(i));
  if (!of.view || !of.is_sole || of.view->value < input_count()) return nullptr;
  return &steps()[static_cast<std::size_t>(of.view->value - input_count())];
}

}  // namespace detail

}  // namespace quench::interop
