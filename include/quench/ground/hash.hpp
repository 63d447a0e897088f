// SPDX-License-Identifier: Apache-2.0
// FNV-1a with 64 bits, for the compiler: the identity of calls and of networks. Freestanding.
#pragma once

#include <cstdint>

#include <quench/ground/text.hpp>

namespace quench::ground {

namespace detail {

inline constexpr std::uint64_t prime = 0x100000001b3u;

template <int exponent>
inline constexpr std::uint64_t power = [] {
  std::uint64_t product = 1;
  for (int i = 0; i < exponent; ++i) product *= prime;
  return product;
}();

}  // namespace detail

struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;

  constexpr void add_byte(unsigned char byte) { value = (value ^ byte) * detail::prime; }
  constexpr void add(TextView text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0);
  }
  /// Its 8 bytes, the lowest first. Most numbers are small, and for the zeros after a byte one product is enough, so
  /// that the compiler takes few steps.
  constexpr void add(std::uint64_t number) {
    if (number < 0x100) {
      value = (value ^ number) * detail::power<8>;
    } else if (number < 0x10000) {
      value = ((value ^ (number & 0xff)) * detail::prime ^ number >> 8) * detail::power<7>;
    } else {
      for (int byte = 0; byte < 8; ++byte) add_byte(static_cast<unsigned char>(number >> (8 * byte)));
    }
  }
  /// As `count` times add(0).
  template <int count>
  constexpr void add_zeros() {
    value *= detail::power<8 * count>;
  }
};

}  // namespace quench::ground
