// SPDX-License-Identifier: Apache-2.0
// Arrays by name, as files of other tools hold them: what safetensors.hpp and npz.hpp read and write.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <quench/tensors/error.hpp>

namespace quench::interop {

static_assert(std::endian::native == std::endian::little, "files are little-endian; this host is not");

enum class ArrayType : unsigned char { Float32, Float64, Int8, UInt8, Int16, Int32, Int64 };

/// The bytes of one element.
constexpr std::size_t size_of(ArrayType type) {
  switch (type) {
    case ArrayType::Int8:
    case ArrayType::UInt8: return 1;
    case ArrayType::Int16: return 2;
    case ArrayType::Float32:
    case ArrayType::Int32: return 4;
    default: return 8;
  }
}

template <class T>
inline constexpr ArrayType type_of = [] {
  static_assert(sizeof(T) == 0, "no file format here holds this type");
  return ArrayType::UInt8;
}();
template <>
inline constexpr ArrayType type_of<float> = ArrayType::Float32;
template <>
inline constexpr ArrayType type_of<double> = ArrayType::Float64;
template <>
inline constexpr ArrayType type_of<std::int8_t> = ArrayType::Int8;
template <>
inline constexpr ArrayType type_of<std::uint8_t> = ArrayType::UInt8;
template <>
inline constexpr ArrayType type_of<std::int16_t> = ArrayType::Int16;
template <>
inline constexpr ArrayType type_of<std::int32_t> = ArrayType::Int32;
template <>
inline constexpr ArrayType type_of<std::int64_t> = ArrayType::Int64;

/// An array of any shape, its last axis varying fastest, little-endian.
struct NamedArray {
  ArrayType type = ArrayType::Float32;
  std::vector<std::size_t> shape;
  std::vector<std::byte> bytes;

  std::size_t elements() const { return bytes.size() / size_of(type); }

  template <class T>
  static NamedArray of(std::vector<std::size_t> shape, std::span<const T> values) {
    NamedArray array{type_of<T>, std::move(shape), {}};
    array.bytes.resize(values.size_bytes());
    if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), values.size_bytes());
    return array;
  }

  /// The elements, of which there may be none.
  /// Errors   file-not-readable, if they are of another type
  template <class T>
  std::vector<T> values() const {
    if (type != type_of<T>) throw Error(diagnosis::file_not_readable, "an array has elements of another type");
    std::vector<T> result(elements());
    if (!result.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }

  friend bool operator==(const NamedArray&, const NamedArray&) = default;
};

using NamedArrays = std::map<std::string, NamedArray>;

namespace detail {

[[noreturn]] inline void refuse(const std::string& why) { throw Error(diagnosis::file_not_readable, why); }

/// The bytes of an array of a shape, or an Error where no file could hold them.
inline std::size_t checked_size(const std::vector<std::size_t>& shape, ArrayType type) {
  std::size_t size = size_of(type);
  for (const std::size_t extent : shape)
    if (__builtin_mul_overflow(size, extent, &size)) refuse("an array is larger than memory");
  return size;
}

inline std::vector<std::byte> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0) refuse(path.string() + " cannot be opened");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);
  if (!file) refuse(path.string() + " cannot be read to its end");
  return bytes;
}

/// What `read` makes of the bytes of a file; an Error says which file.
template <class Read>
NamedArrays read_named(const std::filesystem::path& path, Read read) {
  try {
    return read(std::span<const std::byte>(read_file(path)));
  } catch (const Error& error) {
    if (error.evidence().find(path.string()) != std::string::npos) throw;
    throw Error(diagnosis::file_not_readable, path.string() + ": " + error.evidence());
  }
}

/// A little-endian number of a file.
/// Errors   file-not-readable, if the file ends before it
template <class T>
T read_number(std::span<const std::byte> bytes, std::size_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) refuse("the file is cut off");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

template <class T>
void append_number(std::string& bytes, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  bytes.append(raw, sizeof(T));
}

inline void append_bytes(std::string& text, const std::vector<std::byte>& bytes) {
  if (!bytes.empty()) text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// A float from the 16 bits of a half (IEEE 754) or a bfloat16.
inline float from_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fu, mantissa = bits & 0x3ffu;
  if (exponent == 0) {
    const float small = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -small : small;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | (wide << 23) | (mantissa << 13));
}
inline float from_bfloat16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

}  // namespace detail
}  // namespace quench::interop
