// SPDX-License-Identifier: Apache-2.0
// The safetensors format: eight bytes with the length of a JSON header, the header, the arrays.
//
//   {"stem.weight": {"dtype": "F32", "shape": [16, 1, 3, 3], "data_offsets": [0, 576]}, ...}
//
// Everything is checked against the size of the file before memory is taken. Source: the format's description,
// https://github.com/huggingface/safetensors (README). F16 and BF16 are read as float.
#pragma once

#include <algorithm>
#include <utility>

#include <quench/interop/named_arrays.hpp>
#include <quench/tensors/files.hpp>

namespace quench::interop {

namespace detail {

/// Reads the little of JSON that a header is made of: objects, strings, lists of numbers.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse(std::string("the header lacks a '") + c + "' at byte " + std::to_string(at_));
  }
  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }

  std::string string() {
    expect('"');
    std::string result;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x20) refuse("a name in the header has a control character");
      if (c == '\\') {
        if (at_ == text_.size()) break;
        c = text_[at_++];
        if (c != '"' && c != '\\' && c != '/') refuse("a name in the header has an escape that is not supported");
      }
      result += c;
    }
    expect('"');
    return result;
  }

  std::size_t number() {
    skip_space();
    std::size_t value = 0, digits = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_, ++digits)
      if (__builtin_mul_overflow(value, std::size_t{10}, &value) ||
          __builtin_add_overflow(value, static_cast<std::size_t>(text_[at_] - '0'), &value))
        refuse("a number in the header is too large");
    if (digits == 0) refuse("the header lacks a number at byte " + std::to_string(at_));
    return value;
  }

  std::vector<std::size_t> numbers() {
    std::vector<std::size_t> result;
    expect('[');
    if (take(']')) return result;
    do {
      result.push_back(number());
      if (result.size() > 64) refuse("an array has more than 64 axes");
    } while (take(','));
    expect(']');
    return result;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct TensorEntry {
  std::string dtype;
  std::vector<std::size_t> shape, offsets;
};

inline TensorEntry read_entry(JsonReader& json) {
  TensorEntry entry;
  json.expect('{');
  do {
    const std::string key = json.string();
    json.expect(':');
    if (key == "dtype")
      entry.dtype = json.string();
    else if (key == "shape")
      entry.shape = json.numbers();
    else if (key == "data_offsets")
      entry.offsets = json.numbers();
    else
      refuse("the header has an unknown key \"" + key + "\"");
  } while (json.take(','));
  json.expect('}');
  return entry;
}

inline void skip_metadata(JsonReader& json) {
  json.expect('{');
  if (json.take('}')) return;
  do {
    json.string();
    json.expect(':');
    json.string();
  } while (json.take(','));
  json.expect('}');
}

inline constexpr std::pair<ArrayType, const char*> safetensors_types[] = {
    {ArrayType::Float32, "F32"}, {ArrayType::Float64, "F64"}, {ArrayType::Int8, "I8"},  {ArrayType::UInt8, "U8"},
    {ArrayType::Int16, "I16"},   {ArrayType::Int32, "I32"},   {ArrayType::Int64, "I64"}};

inline NamedArray read_tensor(const std::string& name, const TensorEntry& entry, std::span<const std::byte> data) {
  if (entry.offsets.size() != 2 || entry.offsets[0] > entry.offsets[1] || entry.offsets[1] > data.size())
    refuse("the place of \"" + name + "\" lies outside the file");
  const std::span<const std::byte> bytes = data.subspan(entry.offsets[0], entry.offsets[1] - entry.offsets[0]);
  const bool is_half = entry.dtype == "F16", is_bfloat = entry.dtype == "BF16";
  NamedArray array;
  array.shape = entry.shape;
  if (is_half || is_bfloat) {
    if (checked_size(entry.shape, ArrayType::Int16) != bytes.size())
      refuse("\"" + name + "\" has not the size of its shape");
    std::vector<float> values;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      const auto bits = read_number<std::uint16_t>(bytes, i);
      values.push_back(is_half ? from_half(bits) : from_bfloat16(bits));
    }
    return NamedArray::of<float>(entry.shape, values);
  }
  const auto* type = std::find_if(std::begin(safetensors_types), std::end(safetensors_types),
                                  [&](const auto& known) { return entry.dtype == known.second; });
  if (type == std::end(safetensors_types))
    refuse("\"" + name + "\" has the dtype \"" + entry.dtype + "\", which is not supported");
  array.type = type->first;
  if (checked_size(entry.shape, array.type) != bytes.size()) refuse("\"" + name + "\" has not the size of its shape");
  array.bytes.assign(bytes.begin(), bytes.end());
  return array;
}

inline std::string quoted(const std::string& name) {
  std::string result = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

}  // namespace detail

/// The arrays of a safetensors file in memory.
/// Errors   file-not-readable
inline NamedArrays parse_safetensors(std::span<const std::byte> bytes) {
  const auto length = detail::read_number<std::uint64_t>(bytes, 0);
  if (length > bytes.size() - 8) detail::refuse("the header is longer than the file");
  const auto size = static_cast<std::size_t>(length);
  detail::JsonReader json({reinterpret_cast<const char*>(bytes.data()) + 8, size});
  const std::span<const std::byte> data = bytes.subspan(8 + size);
  NamedArrays arrays;
  std::vector<std::pair<std::size_t, std::size_t>> places;
  json.expect('{');
  if (!json.take('}')) {
    do {
      const std::string name = json.string();
      json.expect(':');
      if (name == "__metadata__") {
        detail::skip_metadata(json);
        continue;
      }
      const detail::TensorEntry entry = detail::read_entry(json);
      if (!arrays.emplace(name, detail::read_tensor(name, entry, data)).second)
        detail::refuse("\"" + name + "\" is there twice");
      places.emplace_back(entry.offsets[0], entry.offsets[1]);
    } while (json.take(','));
    json.expect('}');
  }
  if (!json.at_end()) detail::refuse("there is more behind the header's end");
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i)
    if (places[i].first < places[i - 1].second) detail::refuse("two arrays overlap");
  return arrays;
}

/// The arrays as a safetensors file in memory.
inline std::string format_safetensors(const NamedArrays& arrays) {
  std::string header = "{", data;
  for (const auto& [name, array] : arrays) {
    const auto* type = std::find_if(std::begin(detail::safetensors_types), std::end(detail::safetensors_types),
                                    [&](const auto& known) { return array.type == known.first; });
    header +=
        (header.size() > 1 ? "," : "") + detail::quoted(name) + ":{\"dtype\":\"" + type->second + "\",\"shape\":[";
    for (std::size_t axis = 0; axis < array.shape.size(); ++axis)
      header += (axis > 0 ? "," : "") + std::to_string(array.shape[axis]);
    header += "],\"data_offsets\":[" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + array.bytes.size()) + "]}";
    detail::append_bytes(data, array.bytes);
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string file;
  detail::append_number(file, static_cast<std::uint64_t>(header.size()));
  return file + header + data;
}

/// Reads a safetensors file.
/// Errors   file-not-readable, with the path and what is wrong
inline NamedArrays read_safetensors(const std::filesystem::path& path) {
  return detail::read_named(path, parse_safetensors);
}

/// Writes a safetensors file, whole or not at all.
/// Errors   file-not-writable
inline void write_safetensors(const std::filesystem::path& path, const NamedArrays& arrays) {
  quench::detail::write_file(path, format_safetensors(arrays));
}

}  // namespace quench::interop
