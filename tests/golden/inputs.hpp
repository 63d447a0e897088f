// SPDX-License-Identifier: Apache-2.0
// The inputs of golden vectors, as tests/golden/make_fake_quantize.py makes them, and the hash of results.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace golden {

struct Generator {
  std::uint32_t state;
  std::uint32_t next() {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
  }
};

/// Ties between codes, their neighbours, values across the range, floats of any exponent.
inline std::vector<float> inputs(int size, float scale, int qmin, int qmax, std::uint32_t seed) {
  Generator generator{seed};
  const float inverse = 1.0f / scale;
  std::vector<float> x(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) {
    float& value = x[static_cast<std::size_t>(i)];
    if (i % 4 < 2) {
      const auto span = static_cast<std::uint32_t>(2 * (qmax - qmin) + 9);
      const auto half = static_cast<float>(static_cast<int>(generator.next() % span) + 2 * qmin - 4);
      value = half * 0.5f * scale;
      if (i % 4 == 1) value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ 1u);
    } else if (i % 4 == 2) {
      const auto fraction = static_cast<float>(static_cast<int>(generator.next()) - (1 << 23)) * 0x1p-23f;
      value = fraction * (1.25f * static_cast<float>(qmax)) * scale;
    } else {
      const std::uint32_t high = generator.next(), low = generator.next();
      value = std::bit_cast<float>((high << 8) | (low & 0xffu));
      if (!std::isfinite(value)) value = 0;
    }
    if (!(std::abs(value * inverse) < 0x1p60f)) value = 0;
  }
  return x;
}

inline std::vector<float> gradients(int size, std::uint32_t seed) {
  Generator generator{seed};
  std::vector<float> gradients(static_cast<std::size_t>(size));
  for (float& value : gradients) value = static_cast<float>(static_cast<int>(generator.next()) - (1 << 23)) * 0x1p-20f;
  return gradients;
}

/// FNV-1a, a word at a time.
struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;
  void add(std::uint32_t word) { value = (value ^ word) * 0x100000001b3u; }
};

inline std::uint64_t hash_of(const std::vector<float>& values) {
  Hash hash;
  for (const float value : values) hash.add(std::bit_cast<std::uint32_t>(value));
  return hash.value;
}

}  // namespace golden
