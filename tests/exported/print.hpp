// SPDX-License-Identifier: Apache-2.0
// The inputs of the exported networks, and how their outputs are printed. Freestanding but for the putting out of text.
#pragma once

#include <cstdint>
#include <cstdio>

namespace exported {

template <class Code>
void fill(Code* codes, int count, std::uint32_t& state) {
  for (int i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    codes[i] = static_cast<Code>(static_cast<std::int16_t>(state >> 16) / (sizeof(Code) == 1 ? 256 : 1));
    if (sizeof(Code) == 4) codes[i] = static_cast<Code>(state >> 27);  // indices, some of which name no row
  }
}

template <class Value>
void print(const Value* values, int count) {
  for (int i = 0; i < count; ++i)
    std::printf("%ld%c", static_cast<long>(values[i]), i % 20 == 19 || i + 1 == count ? '\n' : ' ');
}

}  // namespace exported
