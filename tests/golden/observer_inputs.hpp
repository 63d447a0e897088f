// SPDX-License-Identifier: Apache-2.0
// The data behind the golden vectors of observers, made by the generator of make_observers.py.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
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

/// A histogram for the search, and its range.
struct SearchCase {
  std::array<float, 2048> counts;
  float min, max;
};

/// Whole counts around a centre, with tails of three kinds and noise, or 128ths of them.
inline SearchCase search_case(Generator& generator) {
  std::array<std::int64_t, 8> drawn;
  for (std::int64_t& number : drawn) number = generator.draw();
  const std::int64_t kind = drawn[0] % 3, centre = drawn[1] % 2048, width = 1 + drawn[2] % 200;
  const std::int64_t height = std::int64_t{1} << (4 + drawn[3] % 17), noise = drawn[4] % 3;
  const float parts = drawn[5] % 2 != 0 ? 1 : 128;
  SearchCase result;
  for (std::int64_t b = 0; b < 2048; ++b) {
    const std::int64_t distance = std::abs(b - centre), square = width * width, around = square + distance * distance;
    std::int64_t count = height >> std::min<std::int64_t>(distance / width, 40);
    if (kind == 0) count = height * square / around;
    if (kind == 1) count = height * square * square / (around * around);
    const std::int64_t extra = generator.draw();
    count += noise == 1 ? extra % (1 + count) : extra % 2 * noise / 2;
    result.counts[static_cast<std::size_t>(b)] = static_cast<float>(count) / parts;
  }
  result.min = static_cast<float>(static_cast<double>(drawn[6] - (1 << 23)) * 0x1p-21);
  result.max = static_cast<float>(static_cast<double>(result.min) + static_cast<double>(1 + drawn[7]) * 0x1p-20);
  return result;
}

/// FNV-1a over 32-bit words.
inline std::uint64_t digest(const std::vector<std::uint32_t>& words) {
  std::uint64_t value = 0xcbf29ce484222325u;
  for (const std::uint32_t word : words) value = (value ^ word) * 0x100000001b3u;
  return value;
}

}  // namespace golden_observers
