// SPDX-License-Identifier: Apache-2.0
// What the tests of host/ run over: instruction sets, codes, layouts, values that are hard to round, unaligned memory.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <quench/host/fake_quantize/channels.hpp>
#include <quench/host/fake_quantize/rounding.hpp>
#include <quench/tensors/scale.hpp>

#include "host/isas.hpp"

namespace host_cases {

using quench::CodeRange;
using quench::host::ChannelLayout;
using quench::host::CodeLimits;
using quench::host::Isa;

inline std::vector<CodeRange> code_ranges() {
  return {quench::code_range(quench::DType::Int4), quench::code_range(quench::DType::Int8),
          quench::code_range(quench::DType::Int16)};
}

inline CodeLimits limits_of(CodeRange codes) {
  return {static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
}

// Every size to 300 with one scale; then channels, in runs short and long.
inline std::vector<ChannelLayout> layouts() {
  std::vector<ChannelLayout> all;
  for (std::size_t size = 0; size <= 300; ++size) all.push_back({1, 1, size});
  all.push_back({1, 1, 5000});
  for (const std::size_t outer : {1u, 2u, 7u, 40u})
    for (const std::size_t channels : {1u, 2u, 5u, 64u})
      for (const std::size_t inner : {1u, 3u, 63u, 64u, 65u}) all.push_back({outer, channels, inner});
  return all;
}

// The channel of a value.
inline std::size_t channel_at(ChannelLayout layout, std::size_t i) { return i / layout.inner % layout.channels; }

inline std::vector<float> some_scales(std::mt19937& random, std::size_t count) {
  const float choices[] = {quench::smallest_scale, 0x1p-10f, 0.02f, 0.5f, 1.0f, 3.0e5f, 1.0e30f};
  std::vector<float> scales(count);
  for (float& scale : scales) scale = choices[random() % std::size(choices)] * static_cast<float>(1 + random() % 3);
  return scales;
}

// A value for a scale: any, half-way between two codes, at an end of the codes, denormal, zero, huge or infinite.
inline float some_value(std::mt19937& random, float scale, CodeRange codes) {
  const auto code = static_cast<float>(
      std::uniform_int_distribution<std::int32_t>(codes.qmin - codes.qmax / 4, codes.qmax + codes.qmax / 4)(random));
  const float sign = random() % 2 != 0 ? 1.0f : -1.0f;
  const float ends[] = {static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
  switch (random() % 10) {
    case 0: return (code + 0.5f) * scale;
    case 1: return std::nextafter((code + 0.5f) * scale, sign * std::numeric_limits<float>::infinity());
    case 2: return (ends[random() % 2] + sign * 0.5f) * scale;
    case 3: return std::nextafter((ends[random() % 2] + sign * 0.5f) * scale, 0.0f);
    case 4: return sign * std::numeric_limits<float>::denorm_min() * static_cast<float>(random() % 1000);
    case 5: return sign * 0.0f;
    case 6: return sign * std::numeric_limits<float>::max();
    case 7: return sign * std::numeric_limits<float>::infinity();
    default: return (code + std::uniform_real_distribution<float>(-0.5f, 0.5f)(random)) * scale;
  }
}

inline std::vector<float> some_values(std::mt19937& random, ChannelLayout layout, const std::vector<float>& scales,
                                      CodeRange codes) {
  std::vector<float> x(layout.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = some_value(random, scales[channel_at(layout, i)], codes);
  return x;
}

// Whether x is inside the codes before it saturates.
inline bool is_inside(float x, float reciprocal, CodeRange codes) {
  const float rounded = std::nearbyint(x * reciprocal);
  return rounded >= static_cast<float>(codes.qmin) && rounded <= static_cast<float>(codes.qmax);
}

// Memory that starts `offset` values after an address that is aligned to 64 bytes, and guards on both sides.
template <class T>
class Shifted {
 public:
  Shifted(std::size_t size, std::size_t offset) : size_(size), memory_(size + 256, guard) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data() + 64);
    start_ = 64 + (64 - address % 64) % 64 / sizeof(T) + offset;
  }
  Shifted(const std::vector<T>& values, std::size_t offset) : Shifted(values.size(), offset) {
    for (std::size_t i = 0; i < size_; ++i) (*this)[i] = values[i];
  }

  T* data() { return memory_.data() + start_; }
  T& operator[](std::size_t i) { return memory_[start_ + i]; }
  bool guards_stand() const {
    for (std::size_t i = 0; i < memory_.size(); ++i)
      if ((i < start_ || i >= start_ + size_) && memory_[i] != guard) return false;
    return true;
  }

 private:
  static constexpr T guard = static_cast<T>(77);
  std::size_t size_, start_ = 0;
  std::vector<T> memory_;
};

inline bool same_bits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

}  // namespace host_cases
