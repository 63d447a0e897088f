// SPDX-License-Identifier: Apache-2.0
// The wire format of protocol buffers: a message is a row of fields, each with a number and a value.
//
// A value is a varint, 4 or 8 bytes, or a length and that many bytes: a text, a message or a row of packed numbers.
// Nothing is copied: a field views the bytes of the file. Groups, which proto3 does not have, are refused.
// Source: https://protobuf.dev/programming-guides/encoding
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <quench/ground/compiled.hpp>
#include <quench/interop/bytes.hpp>

namespace quench::interop::detail {

/// One field of a message.
struct ProtobufField {
  enum class Wire : unsigned char { Varint = 0, Fixed64 = 1, Length = 2, Fixed32 = 5 };

  std::uint32_t number = 0;
  Wire wire = Wire::Varint;
  std::uint64_t value = 0;  // of all but Length
  Bytes bytes{};            // of Length

  /// Errors   file-not-readable, for all of these: the field has another wire type
  std::int64_t integer() const;
  float real() const;
  Bytes message() const;
  std::string_view text() const&;  // UTF-8
  std::string_view text() const&& = delete;
};

/// Takes the fields of a message one after the other.
class ProtobufReader {
 public:
  explicit ProtobufReader(Bytes message) : bytes_(message) {}

  /// False at the end of the message.
  /// Errors   file-not-readable: cut off, a number of no field, a varint of more than 64 bits, a group
  bool next(ProtobufField& field);

  std::uint64_t varint();
  bool at_end() const { return bytes_.left() == 0; }

 private:
  ByteReader bytes_;
};

/// Calls `f` for each number of a repeated field, packed or not: `Number` is std::int64_t (a varint), float or double.
template <class Number, class F>
void for_each_number(const ProtobufField& field, F&& f) {
  using Wire = ProtobufField::Wire;
  constexpr bool is_float = std::is_same_v<Number, float>, is_double = std::is_same_v<Number, double>;
  const auto number_of = [](std::uint64_t value) {
    if constexpr (is_float)
      return std::bit_cast<float>(static_cast<std::uint32_t>(value));
    else
      return std::bit_cast<Number>(value);
  };
  if (field.wire == (is_float ? Wire::Fixed32 : is_double ? Wire::Fixed64 : Wire::Varint))
    return static_cast<void>(f(number_of(field.value)));
  if constexpr (is_float || is_double) {
    ByteReader numbers{field.message()};
    while (numbers.left() > 0) {
      if constexpr (is_float)
        f(number_of(numbers.little<std::uint32_t>()));
      else
        f(number_of(numbers.little<std::uint64_t>()));
    }
  } else {
    ProtobufReader numbers{field.message()};
    while (!numbers.at_end()) f(number_of(numbers.varint()));
  }
}

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/onnx/protobuf_impl.hpp>
#endif
