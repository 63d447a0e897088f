// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/interop/bytes.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quench::interop {

namespace detail {

static_assert(std::endian::native == std::endian::little, "arrays are kept as files have them: little-endian");

QUENCH_INLINE std::string shown(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, 60)) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return result + (text.size() > 60 ? "...\"" : "\"");
}

QUENCH_INLINE ByteReader::ByteReader(Bytes bytes, std::size_t position) : bytes_(bytes), position_(position) {
  if (position > bytes.size()) refuse("it ends too early");
}

QUENCH_INLINE Bytes ByteReader::take(std::size_t count) {
  if (count > left()) refuse("it ends too early");
  position_ += count;
  return bytes_.subspan(position_ - count, count);
}

QUENCH_INLINE void append(std::vector<std::byte>& bytes, std::string_view text) {
  append(bytes, std::as_bytes(std::span(text.data(), text.size())));
}

QUENCH_INLINE std::uint32_t crc32(Bytes bytes) {
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

QUENCH_INLINE std::uint32_t float_bits_of_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu, mantissa = half & 0x3ffu;
  if (exponent == 31) return sign | 0x7f800000u | mantissa << 13;
  if (exponent != 0) return sign | (exponent + 112) << 23 | mantissa << 13;
  return sign | std::bit_cast<std::uint32_t>(static_cast<float>(mantissa) * 0x1p-24f);
}

QUENCH_INLINE bool is_utf8(std::string_view text) {
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

}  // namespace detail

}  // namespace quench::interop
