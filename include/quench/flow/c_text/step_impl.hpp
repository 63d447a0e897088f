// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/c_text/step.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include <quench/tensors/error.hpp>

namespace quench::detail::c_text {

QUENCH_INLINE std::string fill(std::string_view text, const Holes& holes) {
  const auto is_of_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  std::string result;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n') + 1, text.size());  // npos + 1 is 0
    const std::string_view line = text.substr(0, length > 0 ? length : text.size());
    text.remove_prefix(line.size());
    std::string filled;
    bool has_hole = false;
    for (std::size_t at = 0; at < line.size();) {
      if (line[at] != '$') {
        filled += line[at++];
        continue;
      }
      const bool has_braces = line.substr(at + 1, 1) == "{";
      const std::size_t begin = at + (has_braces ? 2 : 1);
      std::size_t end = begin;
      while (end < line.size() && is_of_name(line[end])) ++end;
      const auto hole = holes.find(line.substr(begin, end - begin));
      if (hole == holes.end()) throw std::out_of_range("quench: no value in " + std::string(line));
      if (has_braces) ++end;
      filled += hole->second;
      has_hole = true;
      at = end;
    }
    if (!has_hole || filled.find_first_not_of(" \n") != std::string::npos) result += filled;
  }
  return result;
}

QUENCH_INLINE std::string code_type(DType dtype) {
  return dtype == DType::Int32 ? "int32_t" : dtype == DType::Int16 ? "int16_t" : "int8_t";
}

QUENCH_INLINE DType dtype_of(const Graph& graph, const IntegerConstants& constants, int node) {
  return graph.nodes[node].domain == Domain::Indices ? DType::Int32 : constants.dtype(node);
}

QUENCH_INLINE std::string extents_text(const Shape& shape) {
  std::string text = "[";
  for (int axis = 0; axis < shape.rank; ++axis) text += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
  return text + "]";
}

QUENCH_INLINE Loops::Loops(const Shape& shape, int first_depth) : depth(first_depth) {
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) continue;
    text += std::string(4 * static_cast<std::size_t>(depth++), ' ') +
            fill("for (int32_t i$axis = 0; i$axis < $extent; ++i$axis)\n",
                 {{"axis", std::to_string(axis)}, {"extent", std::to_string(shape[axis])}});
  }
}

QUENCH_INLINE std::string sum_of(const std::vector<Term>& terms, int constant) {
  std::string text;
  for (const Term& term : terms) {
    text += (text.empty() ? "" : " + ") + term.counter;
    if (term.factor != 1) text += " * " + std::to_string(term.factor);
  }
  if (text.empty()) return std::to_string(constant);
  return constant == 0 ? text : text + (constant < 0 ? " - " : " + ") + std::to_string(std::abs(constant));
}

QUENCH_INLINE std::string place_of(const Shape& counted, const kernels::Strides& strides, int first) {
  std::vector<Term> terms;
  for (int axis = 0; axis < counted.rank; ++axis)
    if (counted[axis] != 1 && strides[axis] != 0) terms.push_back({"i" + std::to_string(axis), strides[axis]});
  return sum_of(terms, first);
}

QUENCH_INLINE Step::Step(const Graph& network, const IntegerConstants& all_constants, int n)
    : graph(network), node(network.nodes[n]), constants(all_constants.step(n)), all(all_constants), index(n) {
  set("n", n);
  set("size", size());
  set("y_type", code_type(y_dtype()));
  set("x_type", code_type(x_dtype()));
}

QUENCH_INLINE std::span<const Requantization> Step::records() const& {
  if (constants.weight != nullptr) return all.layer(index).requantization;
  return all.requantizations(index);
}

QUENCH_INLINE std::string Step::code(const std::string& value, std::int32_t low, std::int32_t high) const {
  low = std::max(low, constants.low);
  high = std::min(high, constants.high);
  const DType dtype = y_dtype();
  if (dtype == DType::Int32)
    return low == INT32_MIN && high == INT32_MAX
               ? value
               : "clamp(" + value + ", " + bound_text(low) + ", " + bound_text(high) + ")";
  const std::int32_t highest = dtype == DType::Int16 ? INT16_MAX : INT8_MAX;
  low = std::max(low, -highest - 1);
  high = std::min(high, highest);
  return "(" + code_type(dtype) + ")clamp(" + value + ", " + std::to_string(low) + ", " + std::to_string(high) + ")";
}

QUENCH_INLINE std::string Step::scaled(const std::string& value, const Requantization& record) {
  return "scaled(" + value + ", " + std::to_string(record.multiplier) + ", " + std::to_string(record.pre_shift) + ", " +
         std::to_string(record.post_shift) + ")";
}

QUENCH_INLINE std::string Step::rescaled(const std::string& value, const Requantization& record) {
  return record == kernels::same_scale ? value : scaled(value, record);
}

QUENCH_INLINE std::string Step::function() const {
  std::string name = "step_" + std::to_string(index) + "_";
  for (const char c : name_of(node.op)) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

QUENCH_INLINE std::string Step::text() const {
  std::string shapes, parameters;
  for (int i = 0; i < node.operand_count; ++i) {
    shapes += (i > 0 ? ", " : "") + extents_text(x_shape(i));
    parameters += "const " + code_type(x_dtype(i)) + " *x" + (node.operand_count > 1 ? std::to_string(i) : "") + ", ";
  }
  return "// " + tensors::text(graph.name_of_node(node)) + ": " + tensors::text(name_of(node.op)) + ", " + shapes +
         " -> " + extents_text(node.shape) + "\nstatic void " + function() + "(" + parameters + code_type(y_dtype()) +
         " *y)\n{\n" + body_ + "}\n";
}

}  // namespace quench::detail::c_text
