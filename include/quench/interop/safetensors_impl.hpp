// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/safetensors.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include <quench/interop/text_reader.hpp>
#include <quench/tensors/files.hpp>

namespace quench::interop {

namespace detail {

struct SafetensorsType {
  std::string_view name;
  ArrayType type;
  Stored stored = Stored::AsIs;
};

// For each ArrayType, the first entry is written.
inline constexpr SafetensorsType safetensors_types[] = {{"F32", ArrayType::Float32},
                                                        {"F64", ArrayType::Float64},
                                                        {"I8", ArrayType::Int8},
                                                        {"U8", ArrayType::UInt8},
                                                        {"I16", ArrayType::Int16},
                                                        {"I32", ArrayType::Int32},
                                                        {"I64", ArrayType::Int64},
                                                        {"F16", ArrayType::Float32, Stored::Half},
                                                        {"BF16", ArrayType::Float32, Stored::BFloat16}};

struct SafetensorsEntry {
  SafetensorsType type{};
  std::string other_type;  // if the type is not in the list
  std::vector<std::size_t> shape, offsets;
};

inline std::vector<std::size_t> read_json_numbers(TextReader& header) {
  std::vector<std::size_t> numbers;
  header.expect('[');
  if (header.take(']')) return numbers;
  do numbers.push_back(header.number());
  while (header.take(','));
  header.expect(']');
  return numbers;
}

inline SafetensorsEntry read_safetensors_entry(TextReader& header) {
  SafetensorsEntry entry;
  int dtypes = 0, shapes = 0, offsets = 0;
  header.expect('{');
  do {
    const std::string key = header.json_string();
    header.expect(':');
    if (key == "dtype") {
      const std::string dtype = header.json_string();
      const auto* type = std::find_if(std::begin(safetensors_types), std::end(safetensors_types),
                                      [&](const SafetensorsType& known) { return known.name == dtype; });
      if (type == std::end(safetensors_types)) {
        if (dtype.empty()) refuse("its dtype has no name");
        entry.other_type = dtype;
      } else {
        entry.type = *type;
      }
      ++dtypes;
    } else if (key == "shape") {
      entry.shape = read_json_numbers(header);
      ++shapes;
    } else if (key == "data_offsets") {
      entry.offsets = read_json_numbers(header);
      ++offsets;
    } else {
      header.skip_json();
    }
  } while (header.take(','));
  header.expect('}');
  if (dtypes != 1 || shapes != 1 || offsets != 1) refuse("it needs one dtype, one shape and one data_offsets");
  if (entry.offsets.size() != 2 || entry.offsets[0] > entry.offsets[1])
    refuse("data_offsets are a begin and an end, given " + shown(entry.offsets));
  return entry;
}

inline std::map<std::string, SafetensorsEntry> read_safetensors_header(std::string_view text) {
  if (!is_utf8(text)) refuse("the header is not UTF-8");
  TextReader header(text);
  std::map<std::string, SafetensorsEntry> entries;
  bool has_metadata = false;
  header.expect('{');
  if (!header.take('}')) {
    do {
      const std::string name = header.json_string();
      header.expect(':');
      if (name == "__metadata__") {
        if (std::exchange(has_metadata, true)) refuse(shown(name) + " is there twice");
        header.skip_json();
      } else if (!entries.emplace(name, reading(shown(name), [&] { return read_safetensors_entry(header); })).second) {
        refuse(shown(name) + " is there twice");
      }
    } while (header.take(','));
    header.expect('}');
  }
  if (!header.at_end()) header.fail("there is more after its end");
  return entries;
}

inline std::string json_quoted(std::string_view name) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : name) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') result += '\\';
    if (code < 0x20)
      result += std::string("\\u00") + digits[code >> 4] + digits[code & 15];
    else
      result += c;
  }
  return result + '"';
}

}  // namespace detail

QUENCH_INLINE NamedArrays parse_safetensors(std::span<const std::byte> bytes) {
  detail::ByteReader file(bytes);
  const auto length = file.little<std::uint64_t>();
  if (length > file.left()) detail::refuse("it ends inside its header, or is no safetensors file");
  const auto entries = detail::read_safetensors_header(detail::as_text(file.take(static_cast<std::size_t>(length))));
  const std::span<const std::byte> data = file.take(file.left());

  using Entry = std::pair<const std::string, detail::SafetensorsEntry>;
  std::vector<const Entry*> in_order;
  for (const Entry& entry : entries) in_order.push_back(&entry);
  std::sort(in_order.begin(), in_order.end(),
            [](const Entry* a, const Entry* b) { return a->second.offsets < b->second.offsets; });
  std::size_t end = 0;
  for (const Entry* entry : in_order) {
    if (entry->second.offsets[0] != end)
      detail::refuse(detail::shown(entry->first) + " overlaps another array or leaves a gap before it");
    end = entry->second.offsets[1];
    if (end > data.size()) detail::refuse("it ends inside " + detail::shown(entry->first));
  }
  if (end != data.size()) detail::refuse(std::to_string(data.size() - end) + " bytes after the last array");

  NamedArrays arrays;
  for (const auto& [name, entry] : entries)
    detail::reading(detail::shown(name), [&] {
      if (!entry.other_type.empty()) {
        arrays.emplace(name, detail::other_array(entry.other_type, entry.shape));
        return;
      }
      const auto place = data.subspan(entry.offsets[0], entry.offsets[1] - entry.offsets[0]);
      arrays.emplace(name, detail::array_of(entry.type.type, entry.type.stored, false, entry.shape, place));
    });
  return arrays;
}

namespace detail {

/// A file in parts: the header, and the arrays where they are.
struct SafetensorsParts {
  std::vector<std::byte> header{};
  std::vector<Bytes> arrays{};
};

inline SafetensorsParts safetensors_parts(const NamedArrays& arrays) {
  std::vector<const NamedArrays::value_type*> in_order;
  for (const auto& named : arrays) in_order.push_back(&named);
  std::sort(in_order.begin(), in_order.end(), [](const auto* a, const auto* b) {
    const std::size_t a_size = size_of(a->second.type), b_size = size_of(b->second.type);
    return a_size != b_size ? a_size > b_size : a->first < b->first;
  });
  std::string header = "{";
  std::size_t end = 0;
  for (const auto* named : in_order) {
    const auto& [name, array] = *named;
    check_writable(name, array);
    if (name == "__metadata__") throw Error(diagnosis::file_not_writable, "no array may be called __metadata__");
    const auto* type = std::find_if(std::begin(safetensors_types), std::end(safetensors_types),
                                    [&](const auto& known) { return known.type == array.type; });
    const std::size_t begin = std::exchange(end, end + array.bytes.size());
    header += (header.size() > 1 ? "," : "") + json_quoted(name) + ":{\"dtype\":\"" + std::string(type->name) +
              "\",\"shape\":" + text(array.shape) + ",\"data_offsets\":" + text({begin, end}) + "}";
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  SafetensorsParts parts;
  append_little(parts.header, static_cast<std::uint64_t>(header.size()));
  append(parts.header, header);
  for (const auto* named : in_order) parts.arrays.push_back(named->second.bytes);
  return parts;
}

}  // namespace detail

QUENCH_INLINE std::vector<std::byte> format_safetensors(const NamedArrays& arrays) {
  const detail::SafetensorsParts parts = detail::safetensors_parts(arrays);
  std::size_t size = parts.header.size();
  for (const detail::Bytes array : parts.arrays) size += array.size();
  std::vector<std::byte> file;
  file.reserve(size);
  detail::append(file, parts.header);
  for (const detail::Bytes array : parts.arrays) detail::append(file, array);
  return file;
}

QUENCH_INLINE NamedArrays read_safetensors(const std::filesystem::path& path) {
  const auto bytes = tensors::read_file(path);
  return detail::reading(path.string(), [&] { return parse_safetensors(bytes); });
}

QUENCH_INLINE void write_safetensors(const std::filesystem::path& path, const NamedArrays& arrays) {
  detail::SafetensorsParts parts = detail::safetensors_parts(arrays);
  parts.arrays.insert(parts.arrays.begin(), parts.header);
  tensors::write_file(path, parts.arrays);
}

}  // namespace quench::interop
