// SPDX-License-Identifier: Apache-2.0
// Small ONNX graphs for tests, and what they become.
#pragma once

#include <bit>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <quench/interop/import_onnx.hpp>

#include "interop/onnx_model.hpp"

namespace onnx_graph {

using onnx_model::Message;
using Shape = std::vector<std::int64_t>;
namespace i = quench::interop;

inline Message attribute(std::string_view name, unsigned type, const Message& value) {
  return onnx_model::part(5, onnx_model::part(1, name) + onnx_model::number(20, type) + value);
}
inline Message real(std::string_view name, float value) {
  return attribute(name, 1, onnx_model::fixed32(2, std::bit_cast<std::uint32_t>(value)));
}
inline Message integer(std::string_view name, std::int64_t value) {
  return attribute(name, 2, onnx_model::number(3, static_cast<std::uint64_t>(value)));
}
inline Message word(std::string_view name, std::string_view value) {
  return attribute(name, 3, onnx_model::part(4, value));
}
inline Message integers(std::string_view name, const Shape& values) {
  Message all;
  for (const std::int64_t value : values) all += onnx_model::number(8, static_cast<std::uint64_t>(value));
  return attribute(name, 7, all);
}

struct Graph {
  Message parts{};
  unsigned opset = 13;

  static Message tensor(std::string_view name, const Shape& shape, unsigned type, const Message& data) {
    Message bytes = onnx_model::part(8, name) + onnx_model::number(2, type);
    for (const std::int64_t extent : shape) bytes += onnx_model::number(1, static_cast<std::uint64_t>(extent));
    return bytes + data;
  }

  /// -1 is a symbol. Type 1 is FLOAT.
  static Message value(std::string_view name, const Shape& shape, unsigned element_type = 1) {
    Message axes;
    for (const std::int64_t extent : shape)
      axes += onnx_model::part(
          1, extent < 0 ? onnx_model::part(2, "N") : onnx_model::number(1, static_cast<std::uint64_t>(extent)));
    const Message type = onnx_model::number(1, element_type) + onnx_model::part(2, axes);
    return onnx_model::part(1, name) + onnx_model::part(2, onnx_model::part(1, type));
  }
  Graph& input(std::string_view name, const Shape& shape) {
    parts += onnx_model::part(11, value(name, shape));
    return *this;
  }
  /// Of INT64, or of another type.
  Graph& indices(std::string_view name, const Shape& shape, unsigned element_type = 7) {
    parts += onnx_model::part(11, value(name, shape, element_type));
    return *this;
  }
  Graph& output(std::string_view name) {
    const Message type = onnx_model::part(1, onnx_model::number(1, 1));
    parts += onnx_model::part(12, onnx_model::part(1, name) + onnx_model::part(2, type));
    return *this;
  }
  /// Weights 1, 2, 3, …, or all of one value.
  Graph& weight(std::string_view name, const Shape& shape, float first = 1, float step = 1) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    Message data;
    for (std::int64_t k = 0; k < count; ++k) {
      const auto bits = std::bit_cast<std::uint32_t>(first + step * static_cast<float>(k));
      for (int b = 0; b < 4; ++b) data += static_cast<char>(bits >> (8 * b));
    }
    parts += onnx_model::part(5, tensor(name, shape, 1, onnx_model::part(9, data)));
    return *this;
  }
  Graph& number(std::string_view name, float value) { return weight(name, {}, value); }
  Graph& list(std::string_view name, const Shape& values) {
    Message data;
    for (const std::int64_t each : values) data += onnx_model::varint(static_cast<std::uint64_t>(each));
    parts += onnx_model::part(5, tensor(name, {std::ssize(values)}, 7, onnx_model::part(7, data)));
    return *this;
  }
  Graph& node(std::string_view op, const std::vector<std::string_view>& inputs, std::string_view output,
              const Message& attributes = {}, std::string_view name = {}) {
    Message bytes;
    for (const std::string_view input : inputs) bytes += onnx_model::part(1, input);
    bytes += onnx_model::part(2, output) + onnx_model::part(3, name) + onnx_model::part(4, op) + attributes;
    parts += onnx_model::part(1, bytes);
    return *this;
  }

  Message model() const {
    const Message set = onnx_model::part(8, onnx_model::part(1, "") + onnx_model::number(2, opset));
    return onnx_model::number(1, 7) + onnx_model::part(2, "by hand") + set + onnx_model::part(7, parts);
  }
  i::ImportedNetwork import(const i::ImportOptions& options = {}) const {
    return i::import_onnx(i::parse_onnx(onnx_model::file(model())), options);
  }
  /// All calls in one line, "Conv2d{.in_channels = 3} $m($0); flatten($0)", or the reason why it is refused.
  std::string calls(const i::ImportOptions& options = {}) const {
    std::string text;
    try {
      for (const i::ImportedStep& step : import(options).steps)
        text += (text.empty() ? "" : "; ") + step.type + step.settings + (step.type.empty() ? "" : " ") + step.call;
    } catch (const quench::Error& error) {
      return error.evidence();
    }
    return text;
  }
};

/// The calls of one node with input "x" of this shape, and attributes or constants that the graph has already.
inline std::string one(Graph graph, std::string_view op, const Shape& shape, const Message& attributes = {},
                       std::vector<std::string_view> more = {}) {
  more.insert(more.begin(), "x");
  return graph.input("x", shape).node(op, more, "y", attributes).output("y").calls();
}

inline bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

inline std::vector<float> parameter(const i::ImportedNetwork& network, std::size_t step, const char* name) {
  return network.steps.at(step).parameters.at(name).values<float>();
}

}  // namespace onnx_graph
