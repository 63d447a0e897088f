// SPDX-License-Identifier: Apache-2.0
// FNV-1a with 64 bits, for the compiler: the identity of calls and of networks. Freestanding.
#pragma once

#include <cstdint>

#include <quench/ground/text.hpp>

namespace quench::ground {

struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;

  constexpr void add_byte(unsigned char byte) { value = (value ^ byte) * 0x100000001b3u; }
  constexpr void add(TextView text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0);
  }
  constexpr void add(std::uint64_t number) {
    for (int byte = 0; byte < 8; ++byte) add_byte(static_cast<unsigned char>(number >> (8 * byte)));
  }
};

}  // namespace quench::ground
