// SPDX-License-Identifier: Apache-2.0
// The bytes of a file: bounds-checked reading of numbers, appending, CRC-32, narrow floats.
//
// A file may be cut off, damaged or malicious. So only a ByteReader takes bytes, and it refuses bytes outside the file.
// A length in the file is compared with the bytes left before memory is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/tensors/error.hpp>

namespace quench::interop::detail {

using Bytes = std::span<const std::byte>;

[[noreturn]] inline void refuse(const std::string& why) { throw Error(diagnosis::file_not_readable, why); }

/// Returns `f()`. If `f` refuses the file, adds to the error what was being read.
template <class F>
decltype(auto) reading(const std::string& what, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const Error& error) {
    if (!(error.slug() == diagnosis::file_not_readable.slug)) throw;
    refuse(what + ": " + error.evidence());
  }
}

/// Text from a file for an error message: quoted, short, without control characters.
std::string shown(std::string_view text);

inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

template <std::unsigned_integral T>
constexpr T swapped(T value) {
  T result = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    result = static_cast<T>(result | static_cast<T>(((value >> (8 * i)) & 0xff) << (8 * (sizeof(T) - 1 - i))));
  return result;
}

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes, std::size_t position = 0);

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  /// Errors   file-not-readable if fewer are left
  Bytes take(std::size_t count);
  template <std::unsigned_integral T>
  T little() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  template <std::unsigned_integral T>
  T big() {
    return swapped(little<T>());
  }

 private:
  Bytes bytes_;
  std::size_t position_;
};

template <std::unsigned_integral T>
void append_little(std::vector<std::byte>& bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
}
inline void append(std::vector<std::byte>& bytes, Bytes more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
void append(std::vector<std::byte>& bytes, std::string_view text);

/// The checksum of zip and gzip.
/// Source   ITU-T V.42: polynomial 0x04c11db7, bits reflected, all ones before and after
std::uint32_t crc32(Bytes bytes);

/// The bits of the float equal to a half (IEEE 754 binary16). Every half has one, NaN payloads included.
std::uint32_t float_bits_of_half(std::uint16_t half);

inline std::uint32_t float_bits_of_bfloat16(std::uint16_t value) { return static_cast<std::uint32_t>(value) << 16; }

/// True for UTF-8 as RFC 3629 defines it: shortest forms only, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace quench::interop::detail

#if QUENCH_HEADER_ONLY
#include <quench/interop/bytes_impl.hpp>
#endif
