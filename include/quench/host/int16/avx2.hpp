// SPDX-License-Identifier: Apache-2.0
// Blocks of int16 codes (int16/block.hpp) on CPUs with AVX2, tiles of four pixels by 16 channels; and rows of pixels
// (int16/depthwise.hpp), 16 sums at a time.
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/host/int16/block.hpp>
#include <quench/host/int16/depthwise.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_AVX2 gnu::target("avx2")

// Eight sums. As __m256i, which is a vector of 64-bit integers, g++ keeps each twice.
using EightSums [[gnu::vector_size(32)]] = std::int32_t;

[[QUENCH_AVX2, gnu::always_inline]] inline __m256i load_eight(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// Adds the products of a pair of codes and eight pairs of weights.
[[QUENCH_AVX2, gnu::always_inline]] inline EightSums add_pair(EightSums sums, __m256i x, __m256i w) {
  return sums + reinterpret_cast<EightSums>(_mm256_madd_epi16(x, w));
}

/// The sums of M pixels and 16 channels, from `row` and `channel` on; `pair_step` weights from a pair to the next.
template <std::size_t M>
[[QUENCH_AVX2, gnu::always_inline]] inline void int16_tile_avx2(const Int16Block& block, int row, const std::int16_t* w,
                                                                int pair_step, int channel) {
  EightSums sums[2 * M];
  const std::int16_t* a[M];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < M; ++i) {
    a[i] = block.a + block.rows[row + static_cast<int>(i)];
    sums[2 * i] = reinterpret_cast<EightSums>(load_eight(block.first + channel));
    sums[2 * i + 1] = reinterpret_cast<EightSums>(load_eight(block.first + channel + 8));
  }
  for (int s = 0; s < block.segments; ++s) {
    std::ptrdiff_t at = block.segment_offsets[s];
    for (int pair = 0; pair < block.pairs; ++pair, at += 2, w += pair_step) {
      const __m256i left = load_eight(w), right = load_eight(w + 16);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < M; ++i) {
        std::int32_t two = 0;
        std::memcpy(&two, a[i] + at, 4);
        const __m256i x = _mm256_set1_epi32(two);
        sums[2 * i] = add_pair(sums[2 * i], x, left);
        sums[2 * i + 1] = add_pair(sums[2 * i + 1], x, right);
      }
    }
  }
  const int count = block.channels - channel;
  std::int32_t* y = block.y + row * block.y_row + channel;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < M; ++i, y += block.y_row) {
    if (count >= 16)
      std::memcpy(y, &sums[2 * i], 64);
    else
      std::memcpy(y, &sums[2 * i], 4 * static_cast<std::size_t>(count));
  }
}

/// Computes a block.
[[QUENCH_AVX2]] inline void int16_block_avx2(const Int16Block& block) {
  const std::ptrdiff_t depth = 2 * static_cast<std::ptrdiff_t>(block.segments) * block.pairs;
  for (int first = 0, width = 0; first < block.channels; first += width) {
    width = 16 * int16_vectors((block.channels - first + 15) / 16);
    for (int channel = first; channel < std::min(first + width, block.channels); channel += 16) {
      const std::int16_t* w = block.weights + first * depth + 2 * (channel - first);
      int row = 0;
      for (; row + 4 <= block.m; row += 4) int16_tile_avx2<4>(block, row, w, 2 * width, channel);
      for (; row < block.m; ++row) int16_tile_avx2<1>(block, row, w, 2 * width, channel);
    }
  }
}

/// The sums of P runs of pixels, `count` of each.
template <std::size_t P>
[[QUENCH_AVX2, gnu::always_inline]] inline void int16_runs_avx2(const Int16Row& row, const std::int16_t* x,
                                                                std::size_t count, std::int32_t* y) {
  const std::size_t step = row.step();
  for (std::size_t c = 0; c < count; c += 16) {
    EightSums low[P]{}, high[P]{};
    const std::int16_t *w = row.weights + c / 32 * 64 + c % 32, *at = x + c;
    for (std::size_t tap = 0; tap < 2 * row.pairs; tap += 2, w += 2 * step) {
      const std::int16_t *first = at + row.taps[tap], *second = at + row.taps[tap + 1];
      const __m256i left = load_eight(w), right = load_eight(w + 32);
#pragma GCC unroll 2
      for (std::size_t i = 0; i < P; ++i) {
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(i) * row.pixel_step;
        const __m256i a = load_eight(first + pixel), b = load_eight(second + pixel);
        low[i] = add_pair(low[i], _mm256_unpacklo_epi16(a, b), left);
        high[i] = add_pair(high[i], _mm256_unpackhi_epi16(a, b), right);
      }
    }
#pragma GCC unroll 2
    for (std::size_t i = 0; i < P; ++i) {
      const auto lows = reinterpret_cast<__m256i>(low[i]), highs = reinterpret_cast<__m256i>(high[i]);
      const __m256i sums[] = {
          _mm256_add_epi32(_mm256_permute2x128_si256(lows, highs, 0x20), load_eight(row.first + c)),
          _mm256_add_epi32(_mm256_permute2x128_si256(lows, highs, 0x31), load_eight(row.first + c + 8))};
      if (count - c >= 16)
        std::memcpy(y + i * count + c, sums, 64);
      else
        std::memcpy(y + i * count + c, sums, 4 * (count - c));
    }
  }
}

/// Computes a row.
[[QUENCH_AVX2]] inline void int16_row_avx2(const Int16Row& row, std::int32_t* y) {
  const std::size_t count = row.filters * row.run;
  const std::int16_t* x = row.x;
  std::size_t left = row.pixels;
  for (; left >= 2 * row.run; left -= 2 * row.run, x += 2 * row.pixel_step, y += 2 * count)
    int16_runs_avx2<2>(row, x, count, y);
  for (; left >= row.run; left -= row.run, x += row.pixel_step, y += count) int16_runs_avx2<1>(row, x, count, y);
  int16_runs_avx2<1>(row, x, row.filters * left, y);
}

#undef QUENCH_AVX2

#else

inline void int16_block_avx2(const Int16Block&) {}  // never called
inline void int16_row_avx2(const Int16Row&, std::int32_t*) {}

#endif

}  // namespace quench::host::detail
