// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/onnx/tensor.hpp>

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <quench/interop/onnx/protobuf.hpp>

namespace quench::interop {

namespace detail {

QUENCH_INLINE void misunderstand(const std::string& why) { throw Error(diagnosis::model_not_understood, why); }

QUENCH_INLINE void OnnxBudget::count_object() {
  if (++objects_ > most_objects)
    misunderstand("it has more than " + std::to_string(most_objects) + " nodes, tensors and attributes");
}

QUENCH_INLINE void OnnxBudget::count_item() {
  if (++items_ > most_items)
    misunderstand("it has more than " + std::to_string(most_items) + " names and numbers beside its tensors");
}

/// Where a message has the values of a type, and what it becomes.
struct OnnxTypeRow {
  const char* name;
  std::size_t bytes = 0;    // of one element in raw_data; 0: it has none there
  std::uint32_t field = 0;  // of TensorProto: 4 float_data, 5 int32_data, 6 string_data, 7 int64_data, 10, 11
  std::size_t numbers = 1;  // in that field, for an element
  ArrayType array = ArrayType::Other;
  std::int64_t lowest = 0, highest = 0;  // of an integer in that field
};

inline constexpr std::int64_t lowest_int64 = std::numeric_limits<std::int64_t>::min(),
                              highest_int64 = std::numeric_limits<std::int64_t>::max();
// clang-format off
inline constexpr OnnxTypeRow onnx_types[] = {
    {"UNDEFINED"},
    {"FLOAT", 4, 4, 1, ArrayType::Float32},
    {"UINT8", 1, 5, 1, ArrayType::UInt8, 0, 255},
    {"INT8", 1, 5, 1, ArrayType::Int8, -128, 127},
    {"UINT16", 2, 5, 1, ArrayType::Int32, 0, 65535},
    {"INT16", 2, 5, 1, ArrayType::Int16, -32768, 32767},
    {"INT32", 4, 5, 1, ArrayType::Int32, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()},
    {"INT64", 8, 7, 1, ArrayType::Int64, lowest_int64, highest_int64},
    {"STRING", 0, 6, 1},
    {"BOOL", 1, 5, 1, ArrayType::UInt8, 0, 1},
    {"FLOAT16", 2, 5, 1, ArrayType::Float32, 0, 65535},
    {"DOUBLE", 8, 10, 1, ArrayType::Float64},
    {"UINT32", 4, 11, 1, ArrayType::Int64, 0, std::numeric_limits<std::uint32_t>::max()},
    {"UINT64", 8, 11, 1},
    {"COMPLEX64", 8, 4, 2},
    {"COMPLEX128", 16, 10, 2},
    {"BFLOAT16", 2, 5, 1, ArrayType::Float32, 0, 65535}};
// clang-format on

constexpr const OnnxTypeRow& type_row(OnnxType type) { return onnx_types[static_cast<unsigned char>(type)]; }

QUENCH_INLINE OnnxType onnx_type(std::int64_t number) {
  if (number < 1 || number >= static_cast<std::int64_t>(std::size(onnx_types)))
    misunderstand("its element type has the number " + std::to_string(number) + ", which no type of ONNX up to 16 has");
  return static_cast<OnnxType>(number);
}

constexpr std::uint32_t raw_data = 9;

inline std::size_t count_of(const ProtobufField& field) {
  if (field.number == 6 || field.wire != ProtobufField::Wire::Length) return 1;
  if (field.number == 4 || field.number == 10) {
    const std::size_t bytes = field.number == 4 ? 4 : 8;
    if (field.bytes.size() % bytes != 0) refuse("its values are cut off");
    return field.bytes.size() / bytes;
  }
  // The last byte of a varint is below 128.
  return static_cast<std::size_t>(std::count_if(
      field.bytes.begin(), field.bytes.end(), [](std::byte byte) { return (byte & std::byte{0x80}) == std::byte{}; }));
}

// The number of values in the file is that of the shape. No value is read.
inline void check_data(const OnnxTensor& tensor) {
  const OnnxTypeRow& row = type_row(tensor.type);
  std::size_t elements = 1, without_zeros = 1;
  for (const std::size_t extent : tensor.shape) {
    if (extent != 0 && without_zeros > std::numeric_limits<std::size_t>::max() / 16 / extent)
      refuse("its shape " + shown(tensor.shape) + " has too many elements");
    without_zeros *= extent == 0 ? 1 : extent;
    elements *= extent;
  }
  std::size_t numbers = 0, raw_bytes = 0;
  bool is_raw = false;
  ProtobufReader fields{tensor.message};
  for (ProtobufField field; fields.next(field);) {
    const bool is_data = (field.number >= 4 && field.number <= 7) || field.number == 10 || field.number == 11;
    if (field.number == raw_data) {
      if (is_raw) refuse("it has its raw data twice");
      is_raw = true;
      raw_bytes += field.message().size();
    } else if (is_data && field.number != row.field) {
      refuse(std::string("it is of type ") + row.name + ", and its values are in field " +
             std::to_string(field.number));
    } else if (is_data) {
      numbers += count_of(field);
    }
  }
  if (is_raw && (row.bytes == 0 || numbers > 0)) refuse("it has values in two places");
  const std::size_t found = is_raw ? raw_bytes : numbers, expected = elements * (is_raw ? row.bytes : row.numbers);
  if (found != expected)
    refuse("its shape " + shown(tensor.shape) + " needs " + std::to_string(expected) + (is_raw ? " bytes" : " values") +
           ", and it has " + std::to_string(found));
}

QUENCH_INLINE OnnxTensor read_onnx_tensor(Bytes message, OnnxBudget& budget) {
  OnnxTensor tensor{.name = {}, .message = message};
  ProtobufReader names{message};
  for (ProtobufField field; names.next(field);)
    if (field.number == 8) tensor.name = field.text();
  return reading_model("tensor " + shown(tensor.name), [&] {
    ProtobufReader fields{message};
    for (ProtobufField field; fields.next(field);) {
      if (field.number == 1)
        for_each_number<std::int64_t>(field, [&](std::int64_t extent) {
          budget.count_item();
          if (extent < 0) refuse("an extent is " + std::to_string(extent));
          tensor.shape.push_back(static_cast<std::size_t>(extent));
        });
      if (field.number == 2) tensor.type = onnx_type(field.integer());
      if (field.number == 3) misunderstand("it is a part of a tensor");
      if (field.number == 13 || (field.number == 14 && field.value != 0))
        misunderstand("its data are in another file; save the model with its data inside");
    }
    if (tensor.type == OnnxType::Undefined) refuse("it has no element type");
    check_data(tensor);
    return std::move(tensor);
  });
}

/// Calls `f` for each number of a tensor's data, as `Number`; not for raw data.
template <class Number, class F>
void for_each_value(const OnnxTensor& tensor, F&& f) {
  ProtobufReader fields{tensor.message};
  for (ProtobufField field; fields.next(field);)
    if (field.number == type_row(tensor.type).field) for_each_number<Number>(field, f);
}

/// Appends an integer or the bits of a narrow float as the array's type has it.
inline void append_as(std::vector<std::byte>& bytes, OnnxType type, std::int64_t value) {
  const auto unsigned_value = static_cast<std::uint64_t>(value);
  switch (type_row(type).array) {
    case ArrayType::Int8:
    case ArrayType::UInt8: bytes.push_back(static_cast<std::byte>(unsigned_value & 0xff)); break;
    case ArrayType::Int16: append_little(bytes, static_cast<std::uint16_t>(unsigned_value)); break;
    case ArrayType::Int32: append_little(bytes, static_cast<std::uint32_t>(unsigned_value)); break;
    case ArrayType::Int64: append_little(bytes, unsigned_value); break;
    case ArrayType::Float32: {
      const auto narrow = static_cast<std::uint16_t>(unsigned_value);
      append_little(bytes, type == OnnxType::Float16 ? float_bits_of_half(narrow) : float_bits_of_bfloat16(narrow));
      break;
    }
    case ArrayType::Float64:
    case ArrayType::Other: break;
  }
}

}  // namespace detail

QUENCH_INLINE const char* name_of(OnnxType type) { return detail::type_row(type).name; }

namespace detail {

/// None if the values are in other fields.
inline std::optional<Bytes> raw_data_of(const OnnxTensor& tensor) {
  std::optional<Bytes> raw;
  ProtobufReader fields{tensor.message};
  for (ProtobufField field; fields.next(field);)
    if (field.number == raw_data) raw = field.message();
  return raw;
}

}  // namespace detail

QUENCH_INLINE detail::Bytes OnnxTensor::raw_floats() const {
  return type == OnnxType::Float ? detail::raw_data_of(*this).value_or(detail::Bytes{}) : detail::Bytes{};
}

QUENCH_INLINE NamedArray OnnxTensor::array() const {
  const detail::OnnxTypeRow& row = detail::type_row(type);
  NamedArray array{row.array, shape};
  if (row.array == ArrayType::Other) {
    array.other_type = row.name;
    return array;
  }
  const std::optional<detail::Bytes> raw = detail::raw_data_of(*this);
  std::size_t elements = 1;
  for (const std::size_t extent : shape) elements *= extent;
  array.bytes.reserve(std::min(elements, message.size()) * size_of(row.array));
  return detail::reading("tensor " + detail::shown(name), [&] {
    if (raw && size_of(row.array) == row.bytes && type != OnnxType::Bool) {
      array.bytes.assign(raw->begin(), raw->end());
    } else if (raw) {
      for (std::size_t i = 0; i < raw->size(); i += row.bytes) {
        std::uint64_t value = 0;
        for (std::size_t b = 0; b < row.bytes; ++b) value |= static_cast<std::uint64_t>((*raw)[i + b]) << (8 * b);
        detail::append_as(array.bytes, type, static_cast<std::int64_t>(type == OnnxType::Bool ? value != 0 : value));
      }
    } else if (type == OnnxType::Float) {
      detail::for_each_value<float>(
          *this, [&](float value) { detail::append_little(array.bytes, std::bit_cast<std::uint32_t>(value)); });
    } else if (type == OnnxType::Double) {
      detail::for_each_value<double>(
          *this, [&](double value) { detail::append_little(array.bytes, std::bit_cast<std::uint64_t>(value)); });
    } else {
      detail::for_each_value<std::int64_t>(*this, [&](std::int64_t value) {
        if (value < row.lowest || value > row.highest)
          detail::refuse("a value is " + std::to_string(value) + ", which " + row.name + " does not have");
        detail::append_as(array.bytes, type, value);
      });
    }
    return std::move(array);
  });
}

}  // namespace quench::interop
