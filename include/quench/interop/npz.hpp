// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy (one array) and .npz (a zip of them, as numpy.savez writes it, not compressed).
//
// Source: numpy.lib.format and the zip format (APPNOTE 6.3.9). Everything is checked against the size of the file, and
// each member against its CRC-32, before it is used.
#pragma once

#include <array>
#include <string_view>

#include <quench/interop/named_arrays.hpp>
#include <quench/tensors/files.hpp>

namespace quench::interop {

namespace detail {

inline constexpr std::pair<ArrayType, std::string_view> npy_types[] = {
    {ArrayType::Float32, "<f4"}, {ArrayType::Float64, "<f8"}, {ArrayType::Int8, "|i1"}, {ArrayType::UInt8, "|u1"},
    {ArrayType::Int16, "<i2"},   {ArrayType::Int32, "<i4"},   {ArrayType::Int64, "<i8"}};

inline std::uint32_t crc32(std::span<const std::byte> bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> result{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xedb88320u : 0u);
      result[i] = crc;
    }
    return result;
  }();
  std::uint32_t crc = ~0u;
  for (const std::byte b : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<std::uint32_t>(b)) & 0xffu];
  return ~crc;
}

/// The text behind a key of the header, up to the end of its value.
inline std::string_view header_value(std::string_view header, std::string_view key) {
  const std::size_t at = header.find("'" + std::string(key) + "':");
  if (at == std::string_view::npos) refuse("an array's header lacks '" + std::string(key) + "'");
  std::string_view rest = header.substr(at + key.size() + 3);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  return rest;
}

inline std::vector<std::size_t> parse_shape(std::string_view text) {
  std::vector<std::size_t> shape;
  if (text.empty() || text.front() != '(') refuse("an array's shape cannot be read");
  std::size_t i = 1;
  for (; i < text.size() && text[i] != ')'; ++i) {
    if (text[i] == ',' || text[i] == ' ') continue;
    std::size_t value = 0, digits = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits)
      if (__builtin_mul_overflow(value, std::size_t{10}, &value) ||
          __builtin_add_overflow(value, static_cast<std::size_t>(text[i] - '0'), &value))
        refuse("an array's extent is too large");
    if (digits == 0 || shape.size() == 64) refuse("an array's shape cannot be read");
    shape.push_back(value);
    --i;
  }
  if (i == text.size()) refuse("an array's shape cannot be read");
  return shape;
}

/// Elements in Fortran's order, first axis fastest, brought into C's.
inline void to_c_order(NamedArray& array) {
  const std::size_t rank = array.shape.size(), size = size_of(array.type);
  std::vector<std::byte> ordered(array.bytes.size());
  std::vector<std::size_t> index(rank);
  for (std::size_t i = 0; i < array.elements(); ++i) {
    std::size_t from = 0, stride = 1;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      from += index[axis] * stride;
      stride *= array.shape[axis];
    }
    std::memcpy(ordered.data() + i * size, array.bytes.data() + from * size, size);
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++index[axis] < array.shape[axis]) break;
      index[axis] = 0;
    }
  }
  array.bytes = std::move(ordered);
}

}  // namespace detail

/// The array of a .npy file in memory.
/// Errors   file-not-readable
inline NamedArray parse_npy(std::span<const std::byte> bytes) {
  constexpr char magic[] = "\x93NUMPY";
  if (bytes.size() < 10 || std::memcmp(bytes.data(), magic, 6) != 0) detail::refuse("this is no .npy array");
  const auto version = static_cast<int>(bytes[6]);
  const std::size_t begin = version == 1 ? 10 : 12;
  const std::size_t length =
      version == 1 ? detail::read_number<std::uint16_t>(bytes, 8) : detail::read_number<std::uint32_t>(bytes, 8);
  if (version < 1 || version > 3 || length > bytes.size() - std::min(begin, bytes.size()))
    detail::refuse("an array's header is cut off");
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + begin, length);
  const std::span<const std::byte> data = bytes.subspan(begin + length);

  const std::string_view descr = detail::header_value(header, "descr");
  NamedArray array;
  array.shape = detail::parse_shape(detail::header_value(header, "shape"));
  const bool is_half = descr.substr(0, 5) == "'<f2'";
  bool is_known = is_half;
  for (const auto& [type, name] : detail::npy_types)
    if (descr.size() > 4 && descr.substr(1, 3) == name && descr[0] == '\'' && descr[4] == '\'') {
      array.type = type;
      is_known = true;
    }
  if (!is_known) detail::refuse("the dtype " + std::string(descr.substr(0, 6)) + " of an array is not supported");
  if (detail::checked_size(array.shape, is_half ? ArrayType::Int16 : array.type) != data.size())
    detail::refuse("an array has not the size of its shape");
  if (is_half) {
    std::vector<float> values;
    for (std::size_t i = 0; i < data.size(); i += 2)
      values.push_back(detail::from_half(detail::read_number<std::uint16_t>(data, i)));
    array = NamedArray::of<float>(array.shape, values);
  } else {
    array.bytes.assign(data.begin(), data.end());
  }
  if (detail::header_value(header, "fortran_order").substr(0, 4) == "True") detail::to_c_order(array);
  return array;
}

/// An array as a .npy file in memory.
inline std::string format_npy(const NamedArray& array) {
  std::string_view type;
  for (const auto& [known, name] : detail::npy_types)
    if (known == array.type) type = name;
  std::string header = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (";
  for (const std::size_t extent : array.shape) header += std::to_string(extent) + ", ";
  if (array.shape.size() > 1) header.resize(header.size() - 2);
  header += "), }";
  header.resize((header.size() + 10 + 64) / 64 * 64 - 11, ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  detail::append_number(file, static_cast<std::uint16_t>(header.size()));
  file += header;
  detail::append_bytes(file, array.bytes);
  return file;
}

/// The arrays of a .npz file in memory.
/// Errors   file-not-readable; members that are compressed: save with numpy.savez, not numpy.savez_compressed
inline NamedArrays parse_npz(std::span<const std::byte> bytes) {
  constexpr std::size_t end_size = 22, entry_size = 46, local_size = 30;
  std::size_t end = bytes.size();
  for (std::size_t back = end_size; back <= bytes.size() && back <= end_size + 65535 && end == bytes.size(); ++back)
    if (detail::read_number<std::uint32_t>(bytes, bytes.size() - back) == 0x06054b50u) end = bytes.size() - back;
  if (end == bytes.size()) detail::refuse("this is no .npz file, or its end is cut off");
  const std::size_t count = detail::read_number<std::uint16_t>(bytes, end + 10);
  std::size_t at = detail::read_number<std::uint32_t>(bytes, end + 16);
  NamedArrays arrays;
  for (std::size_t i = 0; i < count; ++i) {
    if (detail::read_number<std::uint32_t>(bytes, at) != 0x02014b50u) detail::refuse("the list of members is damaged");
    const auto method = detail::read_number<std::uint16_t>(bytes, at + 10);
    const auto crc = detail::read_number<std::uint32_t>(bytes, at + 16);
    const std::size_t size = detail::read_number<std::uint32_t>(bytes, at + 24);
    const std::size_t name_size = detail::read_number<std::uint16_t>(bytes, at + 28);
    const std::size_t others = std::size_t{detail::read_number<std::uint16_t>(bytes, at + 30)} +
                               detail::read_number<std::uint16_t>(bytes, at + 32);
    const std::size_t local = detail::read_number<std::uint32_t>(bytes, at + 42);
    if (bytes.size() - at < entry_size + name_size) detail::refuse("the file is cut off");
    std::string name(reinterpret_cast<const char*>(bytes.data()) + at + entry_size, name_size);
    if (method != 0) detail::refuse("\"" + name + "\" is compressed; save with numpy.savez");
    if (detail::read_number<std::uint32_t>(bytes, local) != 0x04034b50u) detail::refuse("\"" + name + "\" is damaged");
    const std::size_t begin = local + local_size + detail::read_number<std::uint16_t>(bytes, local + 26) +
                              detail::read_number<std::uint16_t>(bytes, local + 28);
    if (begin > bytes.size() || size > bytes.size() - begin) detail::refuse("\"" + name + "\" is cut off");
    const std::span<const std::byte> member = bytes.subspan(begin, size);
    if (detail::crc32(member) != crc) detail::refuse("\"" + name + "\" is damaged: its checksum differs");
    if (name.size() > 4 && name.ends_with(".npy")) name.resize(name.size() - 4);
    if (!arrays.emplace(name, parse_npy(member)).second) detail::refuse("\"" + name + "\" is there twice");
    at += entry_size + name_size + others;
  }
  return arrays;
}

/// The arrays as a .npz file in memory.
/// Errors   file-not-writable, if they take 4 GiB or more
inline std::string format_npz(const NamedArrays& arrays) {
  std::string file, list;
  for (const auto& [name, array] : arrays) {
    const std::string member = format_npy(array), path = name + ".npy";
    if (file.size() + member.size() + path.size() > 0xfffffff0u || path.size() > 65535 || arrays.size() > 65534)
      throw Error(diagnosis::file_not_writable, "a .npz file holds less than 4 GiB; use safetensors");
    const auto crc = detail::crc32(std::as_bytes(std::span(member)));
    const auto size = static_cast<std::uint32_t>(member.size());
    std::string common;  // from the version needed to the length of what follows the name
    for (const std::uint16_t field :
         {std::uint16_t{20}, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{33}})
      detail::append_number(common, field);
    for (const std::uint32_t field : {crc, size, size}) detail::append_number(common, field);
    detail::append_number(common, static_cast<std::uint16_t>(path.size()));
    detail::append_number(common, std::uint16_t{0});
    const auto place = static_cast<std::uint32_t>(file.size());
    detail::append_number(file, 0x04034b50u);
    file += common + path + member;
    detail::append_number(list, 0x02014b50u);
    detail::append_number(list, std::uint16_t{20});
    list += common;
    list.append(10, '\0');
    detail::append_number(list, place);
    list += path;
  }
  const auto place = static_cast<std::uint32_t>(file.size()), size = static_cast<std::uint32_t>(list.size());
  file += list;
  detail::append_number(file, 0x06054b50u);
  detail::append_number(file, std::uint32_t{0});
  for (int i = 0; i < 2; ++i) detail::append_number(file, static_cast<std::uint16_t>(arrays.size()));
  detail::append_number(file, size);
  detail::append_number(file, place);
  detail::append_number(file, std::uint16_t{0});
  return file;
}

/// Reads a .npz file.
/// Errors   file-not-readable, with the path and what is wrong
inline NamedArrays read_npz(const std::filesystem::path& path) { return detail::read_named(path, parse_npz); }

/// Writes a .npz file, whole or not at all.
/// Errors   file-not-writable
inline void write_npz(const std::filesystem::path& path, const NamedArrays& arrays) {
  quench::detail::write_file(path, format_npz(arrays));
}

}  // namespace quench::interop
