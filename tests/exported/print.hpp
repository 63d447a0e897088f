// SPDX-License-Identifier: Apache-2.0
// The inputs of the exported networks, and how their outputs are printed. Freestanding but for the putting out of text.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdio>

#include <quench/device/model.hpp>

namespace exported {

template <class Code>
void fill(Code* codes, int count, std::uint32_t& state) {
  for (int i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    codes[i] = static_cast<Code>(static_cast<std::int16_t>(state >> 16) / (sizeof(Code) == 1 ? 256 : 1));
    if (sizeof(Code) == 4) codes[i] = static_cast<Code>(state >> 27);  // indices, some of which name no row
  }
}

/// The values, the index of the largest real one, and the bits of two scales.
template <class Value>
void print(const quench::embedded::Output<Value>& output) {
  const auto bits = [&](int i) { return static_cast<unsigned long>(std::bit_cast<std::uint32_t>(output.scale(i))); };
  for (int i = 0; i < output.size(); ++i) std::printf("%ld\n", static_cast<long>(output[i]));
  std::printf("%d %lx %lx\n", quench::embedded::argmax(output), bits(output.size() / 2), bits(output.size() - 1));
}

}  // namespace exported
