// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/call.hpp>

#include <algorithm>
#include <utility>

namespace quench::interop {

namespace detail {

QUENCH_INLINE void refuse_node(const std::string& why, const std::string& cure) { misunderstand(why + "; " + cure); }

QUENCH_INLINE std::string OnnxCall::title() const {
  const std::string op = node_->op.size() <= 32 ? std::string(node_->op) : shown(node_->op);
  return op + (node_->name.empty() ? "" : " " + shown(node_->name));
}

template <class T>
T OnnxCall::value(std::string_view name, T otherwise) {
  known_.insert(name);
  const OnnxAttribute* attribute = node_->attribute(name);
  if (attribute == nullptr) return otherwise;
  if (const T* value = std::get_if<T>(&attribute->value)) return *value;
  misunderstand("its attribute " + shown(name) + " has another type");
}

QUENCH_INLINE std::int64_t OnnxCall::integer(std::string_view name, std::int64_t otherwise) {
  return value(name, otherwise);
}
QUENCH_INLINE float OnnxCall::real(std::string_view name, float otherwise) { return value(name, otherwise); }
QUENCH_INLINE std::string_view OnnxCall::text(std::string_view name, std::string_view otherwise) & {
  return value(name, otherwise);
}
QUENCH_INLINE std::vector<std::int64_t> OnnxCall::integers(std::string_view name, std::vector<std::int64_t> otherwise) {
  return value(name, std::move(otherwise));
}
QUENCH_INLINE std::vector<float> OnnxCall::reals(std::string_view name) { return value(name, std::vector<float>{}); }

QUENCH_INLINE const OnnxTensor* OnnxCall::tensor(std::string_view name) & {
  known_.insert(name);
  const OnnxAttribute* attribute = node_->attribute(name);
  if (attribute == nullptr) return nullptr;
  if (const OnnxTensor* tensor = std::get_if<OnnxTensor>(&attribute->value)) return tensor;
  misunderstand("its attribute " + shown(name) + " is no tensor");
}

QUENCH_INLINE void OnnxCall::check_attributes() const {
  for (const OnnxAttribute& attribute : node_->attributes)
    if (!known_.contains(attribute.name))
      misunderstand("its attribute " + shown(attribute.name) + " is not known here");
}

QUENCH_INLINE void OnnxCall::check_inputs(std::size_t least, std::size_t most) const {
  for (std::size_t i = 0; i < least; ++i)
    if (!has_input(i)) misunderstand("its input " + std::to_string(i) + " is missing");
  if (node_->inputs.size() > most) misunderstand("it has " + std::to_string(node_->inputs.size()) + " inputs");
  if (node_->outputs.empty() || node_->outputs[0].empty()) misunderstand("it has no output");
}

QUENCH_INLINE std::size_t onnx_axis(std::int64_t axis, std::size_t rank) {
  const std::int64_t count = static_cast<std::int64_t>(rank), place = axis < 0 ? axis + count : axis;
  if (axis < -count || place >= count)
    misunderstand("there is no axis " + std::to_string(axis) + " of " + std::to_string(rank));
  return static_cast<std::size_t>(place);
}

QUENCH_INLINE std::vector<std::size_t> onnx_axes(const std::vector<std::int64_t>& axes, std::size_t rank) {
  std::vector<std::size_t> result;
  for (const std::int64_t axis : axes) {
    const std::size_t place = onnx_axis(axis, rank);
    if (std::find(result.begin(), result.end(), place) != result.end())
      misunderstand("axis " + std::to_string(axis) + " is named twice");
    result.push_back(place);
  }
  return result;
}

}  // namespace detail

}  // namespace quench::interop
