// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/protobuf.hpp>

#include <string>

namespace quench::interop::detail {

inline void expect_wire(const ProtobufField& field, ProtobufField::Wire wire) {
  if (field.wire != wire) refuse("field " + std::to_string(field.number) + " is written as another type");
}

QUENCH_INLINE std::int64_t ProtobufField::integer() const {
  expect_wire(*this, Wire::Varint);
  return static_cast<std::int64_t>(value);
}

QUENCH_INLINE float ProtobufField::real() const {
  expect_wire(*this, Wire::Fixed32);
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

QUENCH_INLINE Bytes ProtobufField::message() const {
  expect_wire(*this, Wire::Length);
  return bytes;
}

QUENCH_INLINE std::string_view ProtobufField::text() const& {
  const std::string_view text = as_text(message());
  if (!is_utf8(text)) refuse("a text is not UTF-8: " + shown(text));
  return text;
}

QUENCH_INLINE std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<std::uint64_t>(bytes_.take(1)[0]);
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  refuse("a number has more than 64 bits");
}

QUENCH_INLINE bool ProtobufReader::next(ProtobufField& field) {
  if (at_end()) return false;
  const std::uint64_t key = varint();
  if (key >> 3 == 0 || key >> 3 > 0x1fffffff) refuse("a field has a number that no field has");
  field = {static_cast<std::uint32_t>(key >> 3), static_cast<ProtobufField::Wire>(key & 7), 0, {}};
  switch (key & 7) {
    case 0: field.value = varint(); return true;
    case 1: field.value = bytes_.little<std::uint64_t>(); return true;
    case 2: {
      const std::uint64_t size = varint();
      if (size > bytes_.left())
        refuse("field " + std::to_string(field.number) + " needs " + std::to_string(size) + " bytes, " +
               std::to_string(bytes_.left()) + " are left");
      field.bytes = bytes_.take(static_cast<std::size_t>(size));
      return true;
    }
    case 5: field.value = bytes_.little<std::uint32_t>(); return true;
    default: refuse("field " + std::to_string(field.number) + " has a wire type that ONNX does not use");
  }
}

}  // namespace quench::interop::detail
