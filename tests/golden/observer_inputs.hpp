// SPDX-License-Identifier: Apache-2.0
// The data behind the golden vectors of observers, made by the generator of make_observers.py.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace golden_observers {

enum class Kind { Uniform, Normal, HeavyTail, OneSided, Constant, Sparse };

struct Batch {
  std::size_t count;
  float scale, offset;
};

struct PerTensorCase {
  std::uint64_t seed;
  Kind kind;
  std::vector<Batch> batches;
  std::uint32_t min_max, moving_average, histogram, whole_histogram;
  std::uint64_t histogram_digest, whole_histogram_digest;
  std::uint32_t percentile;
};

struct PerChannelCase {
  std::uint64_t seed;
  Kind kind;
  std::vector<std::size_t> extents;
  int axis, batches;
  float scale;
  std::uint64_t min_max_digest, moving_average_digest;
};

/// The linear congruential generator of Knuth's MMIX; its upper 24 bits.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  std::int64_t draw() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>(state_ >> 40);
  }

  /// float(shape * scale + offset), computed in double; the shapes lie around 0 and reach about 1.
  std::vector<float> values(Kind kind, std::size_t count, float scale, float offset) {
    std::vector<float> x(count);
    for (float& value : x)
      value = static_cast<float>(shape(kind) * static_cast<double>(scale) + static_cast<double>(offset));
    return x;
  }
  std::vector<float> values(Kind kind, const Batch& batch) {
    return values(kind, batch.count, batch.scale, batch.offset);
  }

 private:
  double shape(Kind kind) {
    if (kind == Kind::Constant) return 0;
    if (kind == Kind::Uniform || kind == Kind::HeavyTail) {
      const double even = static_cast<double>(draw() - (1 << 23)) * 0x1p-23;
      if (kind == Kind::Uniform) return even;
      return static_cast<double>(static_cast<float>(even / (1 + 0x1p-10 - std::abs(even))));
    }
    std::int64_t sum = 0;
    for (int i = 0; i < 4; ++i) sum += draw();
    const double bell = static_cast<double>(sum - (1 << 25)) * 0x1p-24;
    if (kind == Kind::OneSided) return bell > 0 ? bell : 0;
    if (kind == Kind::Sparse) return bell > 1 ? bell - 1 : 0;
    return bell;
  }

  std::uint64_t state_;
};

/// FNV-1a over 32-bit words.
inline std::uint64_t digest(const std::vector<std::uint32_t>& words) {
  std::uint64_t value = 0xcbf29ce484222325u;
  for (const std::uint32_t word : words) value = (value ^ word) * 0x100000001b3u;
  return value;
}

}  // namespace golden_observers
