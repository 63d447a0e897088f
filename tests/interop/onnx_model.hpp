// SPDX-License-Identifier: Apache-2.0
// Writes ONNX models byte by byte, as protocol buffers have them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <quench/interop/bytes.hpp>

namespace onnx_model {

/// A message, or the start of one.
using Message = std::string;

inline Message varint(std::uint64_t value) {
  Message bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>(value | 128);
  return bytes + static_cast<char>(value);
}
inline Message number(unsigned field, std::uint64_t value) { return varint(field << 3) + varint(value); }
inline Message part(unsigned field, std::string_view bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + Message(bytes);
}
inline Message fixed32(unsigned field, std::uint32_t bits) {
  Message bytes = varint(field << 3 | 5);
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(bits >> (8 * i));
  return bytes;
}

inline Message tensor(std::string_view name, unsigned type, std::initializer_list<std::uint64_t> shape,
                      const Message& data) {
  Message bytes = part(8, name) + number(2, type);
  for (const std::uint64_t extent : shape) bytes += number(1, extent);
  return bytes + data;
}
inline Message value(std::string_view name, std::initializer_list<std::uint64_t> shape) {
  Message axes;
  for (const std::uint64_t extent : shape) axes += part(1, number(1, extent));
  return part(1, name) + part(2, part(1, number(1, 1) + part(2, axes)));
}
inline Message node(std::string_view op, std::string_view input, std::string_view output, const Message& more = {}) {
  return part(1, input) + part(2, output) + part(3, "node of " + Message(output)) + part(4, op) + more;
}

/// y = Relu(x), with one weight that nothing uses. `graph` and `model` are added.
inline Message small(const Message& graph = {}, const Message& model = {}, unsigned opset = 13) {
  const Message all = part(11, value("x", {1, 3})) + part(1, node("Relu", "x", "y")) +
                      part(5, tensor("w", 1, {2}, part(9, Message("\0\0\x80\x3f\0\0\0\xc0", 8)))) +
                      part(12, value("y", {1, 3}));
  return number(1, 7) + part(2, "by hand") + part(8, part(1, "") + number(2, opset)) + part(7, all + graph) + model;
}

inline std::vector<std::byte> file(const Message& message) {
  const auto* begin = reinterpret_cast<const std::byte*>(message.data());
  return {begin, begin + message.size()};
}

}  // namespace onnx_model
