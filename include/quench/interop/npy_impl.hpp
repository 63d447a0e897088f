// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/npy.hpp>

#include <algorithm>
#include <cstring>
#include <string>

#include <quench/interop/text_reader.hpp>
#include <quench/tensors/files.hpp>

namespace quench::interop {

namespace detail {

struct NpyType {
  std::string_view name;  // without the order of bytes
  ArrayType type;
  Stored stored = Stored::AsIs;
};

// For each ArrayType, the first entry is written.
inline constexpr NpyType npy_types[] = {{"f4", ArrayType::Float32}, {"f8", ArrayType::Float64},
                                        {"i1", ArrayType::Int8},    {"u1", ArrayType::UInt8},
                                        {"i2", ArrayType::Int16},   {"i4", ArrayType::Int32},
                                        {"i8", ArrayType::Int64},   {"f2", ArrayType::Float32, Stored::Half}};

struct NpyHeader {
  NpyType type{};
  std::string_view other_type;  // if the type is not in the list
  bool is_big = false, is_fortran = false;
  std::vector<std::size_t> shape;
};

inline void read_npy_dtype(TextReader& text, NpyHeader& header) {
  const bool has_fields = text.peek() == '[';
  const std::string_view dtype = has_fields ? text.brackets() : text.quoted();
  const auto* type = std::find_if(std::begin(npy_types), std::end(npy_types), [&](const NpyType& known) {
    return dtype.size() == 3 && dtype.substr(1) == known.name;
  });
  const char order = dtype.empty() ? '\0' : dtype[0];
  if (type == std::end(npy_types) || !(order == '<' || order == '>' || (order == '|' && dtype[2] == '1'))) {
    if (dtype.empty()) refuse("its dtype has no name");
    header.other_type = dtype;
    return;
  }
  header.type = *type;
  header.is_big = order == '>';
}

inline std::vector<std::size_t> read_npy_shape(TextReader& text) {
  std::vector<std::size_t> shape;
  text.expect('(');
  while (!text.take(')')) {
    shape.push_back(text.number());
    text.take('L');  // Python 2
    if (!text.take(',')) {
      text.expect(')');
      if (shape.size() == 1) text.fail("a shape of one axis ends in a comma");
      break;
    }
  }
  return shape;
}

inline NpyHeader read_npy_header(std::string_view characters) {
  NpyHeader header;
  int dtypes = 0, orders = 0, shapes = 0;
  TextReader text(characters);
  text.expect('{');
  while (!text.take('}')) {
    const std::string_view key = text.quoted();
    text.expect(':');
    if (key == "descr") {
      read_npy_dtype(text, header);
      ++dtypes;
    } else if (key == "fortran_order") {
      const std::string_view word = text.word();
      if (word != "True" && word != "False") text.fail("needed True or False");
      header.is_fortran = word == "True";
      ++orders;
    } else if (key == "shape") {
      header.shape = read_npy_shape(text);
      ++shapes;
    } else {
      text.fail("there is no such key");
    }
    if (!text.take(',')) {
      text.expect('}');
      break;
    }
  }
  if (!text.at_end()) text.fail("there is more after its end");
  if (dtypes != 1 || orders != 1 || shapes != 1) refuse("the header needs one descr, one fortran_order and one shape");
  return header;
}

inline void bring_into_c_order(NamedArray& array) {
  struct Axis {
    std::size_t extent, stride, index = 0;
  };
  std::vector<Axis> axes;
  std::size_t stride = 1;
  for (const std::size_t extent : array.shape) {
    if (extent != 1) axes.push_back({extent, stride});  // there may be thousands of extents 1, which change nothing
    stride *= extent;
  }
  if (axes.size() < 2 || array.bytes.empty()) return;
  const std::size_t element = size_of(array.type);
  std::vector<std::byte> ordered(array.bytes.size());
  for (std::size_t to = 0, from = 0; to < ordered.size(); to += element) {
    std::memcpy(ordered.data() + to, array.bytes.data() + from * element, element);
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
      from += axis->stride;
      if (++axis->index < axis->extent) break;
      from -= axis->stride * axis->extent;
      axis->index = 0;
    }
  }
  array.bytes = std::move(ordered);
}

inline constexpr std::string_view npy_magic = "\x93NUMPY";

QUENCH_INLINE NamedArray parse_any_npy(std::span<const std::byte> bytes) {
  ByteReader file(bytes);
  if (as_text(bytes.first(std::min(bytes.size(), npy_magic.size()))) != npy_magic) refuse("it is no .npy file");
  file.take(npy_magic.size());
  const auto major = file.little<std::uint8_t>();
  file.take(1);
  if (major < 1 || major > 3) refuse("version " + std::to_string(major) + " of .npy is not supported");
  const std::size_t length = major == 1 ? file.little<std::uint16_t>() : file.little<std::uint32_t>();
  NpyHeader header = read_npy_header(as_text(file.take(length)));
  if (!header.other_type.empty()) return other_array(header.other_type, std::move(header.shape));
  NamedArray array =
      array_of(header.type.type, header.type.stored, header.is_big, std::move(header.shape), file.take(file.left()));
  if (header.is_fortran) bring_into_c_order(array);
  return array;
}

}  // namespace detail

QUENCH_INLINE NamedArray parse_npy(std::span<const std::byte> bytes) {
  NamedArray array = detail::parse_any_npy(bytes);
  if (array.type == ArrayType::Other)
    detail::refuse("its dtype is " + detail::shown(array.other_type) +
                   "; supported are float16, float32, float64, int8, int16, int32, int64, uint8");
  return array;
}

QUENCH_INLINE std::vector<std::byte> format_npy(const NamedArray& array) {
  detail::check_writable(array);
  const auto* type = std::find_if(std::begin(detail::npy_types), std::end(detail::npy_types),
                                  [&](const detail::NpyType& known) { return known.type == array.type; });
  std::string shape = detail::text(array.shape);
  shape = "(" + shape.substr(1, shape.size() - 2) + (array.shape.size() == 1 ? ",)" : ")");
  std::string header = "{'descr': '" + std::string(size_of(array.type) == 1 ? "|" : "<") + std::string(type->name) +
                       "', 'fortran_order': False, 'shape': " + shape + ", }";
  const std::size_t in_front = detail::npy_magic.size() + 4;  // the header ends at a multiple of 64
  header.resize((in_front + header.size() + 1 + 63) / 64 * 64 - in_front - 1, ' ');
  header += '\n';
  if (header.size() > 0xffff) throw Error(diagnosis::file_not_writable, "an array has too many axes for .npy");
  std::vector<std::byte> file;
  file.reserve(in_front + header.size() + array.bytes.size());
  detail::append(file, detail::npy_magic);
  detail::append(file, std::string_view("\x01\x00", 2));
  detail::append_little(file, static_cast<std::uint16_t>(header.size()));
  detail::append(file, header);
  detail::append(file, array.bytes);
  return file;
}

QUENCH_INLINE NamedArray read_npy(const std::filesystem::path& path) {
  const auto bytes = tensors::read_file(path);
  return detail::reading(path.string(), [&] { return parse_npy(bytes); });
}

QUENCH_INLINE void write_npy(const std::filesystem::path& path, const NamedArray& array) {
  tensors::write_file(path, format_npy(array));
}

}  // namespace quench::interop
