// SPDX-License-Identifier: Apache-2.0
// The bytes of a file: bounds-checked reading of numbers, appending, CRC-32, narrow floats.
//
// A file may be cut off, damaged or malicious. So only a ByteReader takes bytes, and it refuses bytes outside the file.
// A length in the file is compared with the bytes left before memory is allocated.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quench/tensors/error.hpp>

namespace quench::interop::detail {

static_assert(std::endian::native == std::endian::little, "arrays are kept as files have them: little-endian");

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
inline std::string shown(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, 60)) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return result + (text.size() > 60 ? "...\"" : "\"");
}

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
  explicit ByteReader(Bytes bytes, std::size_t position = 0) : bytes_(bytes), position_(position) {
    if (position > bytes.size()) refuse("it ends too early");
  }

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  /// Errors   file-not-readable if fewer are left
  Bytes take(std::size_t count) {
    if (count > left()) refuse("it ends too early");
    position_ += count;
    return bytes_.subspan(position_ - count, count);
  }
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
inline void append(std::vector<std::byte>& bytes, std::string_view text) {
  append(bytes, std::as_bytes(std::span(text.data(), text.size())));
}

/// The checksum of zip and gzip.
/// Source   ITU-T V.42: polynomial 0x04c11db7, bits reflected, all ones before and after
inline std::uint32_t crc32(Bytes bytes) {
  static constexpr std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> result{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t remainder = byte;
      for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) * 0xedb88320u);
      result[byte] = remainder;
    }
    return result;
  }();
  std::uint32_t remainder = 0xffffffffu;
  for (const std::byte b : bytes)
    remainder = (remainder >> 8) ^ table[(remainder ^ static_cast<std::uint32_t>(b)) & 0xff];
  return ~remainder;
}

/// The bits of the float equal to a half (IEEE 754 binary16). Every half has one, NaN payloads included.
inline std::uint32_t float_bits_of_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu, mantissa = half & 0x3ffu;
  if (exponent == 31) return sign | 0x7f800000u | mantissa << 13;
  if (exponent != 0) return sign | (exponent + 112) << 23 | mantissa << 13;
  return sign | std::bit_cast<std::uint32_t>(static_cast<float>(mantissa) * 0x1p-24f);
}

inline std::uint32_t float_bits_of_bfloat16(std::uint16_t value) { return static_cast<std::uint32_t>(value) << 16; }

/// True for UTF-8 as RFC 3629 defines it: shortest forms only, no surrogates, nothing above U+10FFFF.
inline bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || length > text.size() - i) return false;
    for (std::size_t j = 1; j < length; ++j)
      if ((static_cast<unsigned char>(text[i + j]) & 0xc0) != 0x80) return false;
    if (length > 2) {
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
          (first == 0xf4 && second > 0x8f))
        return false;
    }
    i += length;
  }
  return true;
}

}  // namespace quench::interop::detail
