// SPDX-License-Identifier: Apache-2.0
// Sums of int16 layers on CPUs with AVX2: for blocks (integer/avx2.hpp), tiles of six pixels by 16 channels; and rows of
// pixels (int16/depthwise.hpp), 16 sums at a time.
#pragma once

#include <cstring>

#include <quench/host/int16/depthwise.hpp>
#include <quench/host/int8/avx2.hpp>
#include <quench/host/integer/avx2.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_AVX2 gnu::target("avx2")

[[QUENCH_AVX2, gnu::always_inline]] inline __m256i load_eight(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// The sums of eight channels, to which vpmaddwd adds the products of two codes.
struct Int16Sums {
  static constexpr int pixels = 6, eights = 2;
  static constexpr int chains = 4;
  EightSums of = {};

  [[QUENCH_AVX2, gnu::always_inline]] void add(__m256i x, __m256i w) {
    of += reinterpret_cast<EightSums>(_mm256_madd_epi16(x, w));
  }
  using Weights = __m256i;
  [[QUENCH_AVX2, gnu::always_inline]] static Weights load(const std::int16_t* w) { return load_eight(w); }
  [[QUENCH_AVX2, gnu::always_inline]] void add_same(std::int32_t two, Weights w) { add(_mm256_set1_epi32(two), w); }
  [[QUENCH_AVX2, gnu::always_inline]] __m256i sums() const { return reinterpret_cast<__m256i>(of); }
};

/// The sums of P runs of pixels, `count` of each.
template <std::size_t P>
[[QUENCH_AVX2, gnu::always_inline]] inline void int16_runs_avx2(const Int16Row& row, const std::int16_t* x,
                                                                std::size_t count, std::int32_t* y) {
  const std::size_t step = row.step();
  for (std::size_t c = 0; c < count; c += 16) {
    Int16Sums low[P]{}, high[P]{};
    const std::int16_t *w = row.weights + c / 32 * 64 + c % 32, *at = x + c;
    for (std::size_t tap = 0; tap < 2 * row.pairs; tap += 2, w += 2 * step) {
      const std::int16_t *first = at + row.taps[tap], *second = at + row.taps[tap + 1];
      const __m256i left = load_eight(w), right = load_eight(w + 32);
#pragma GCC unroll 2
      for (std::size_t i = 0; i < P; ++i) {
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(i) * row.pixel_step;
        const __m256i a = load_eight(first + pixel), b = load_eight(second + pixel);
        low[i].add(_mm256_unpacklo_epi16(a, b), left);
        high[i].add(_mm256_unpackhi_epi16(a, b), right);
      }
    }
#pragma GCC unroll 2
    for (std::size_t i = 0; i < P; ++i) {
      const __m256i lows = low[i].sums(), highs = high[i].sums();
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

struct Int16Sums {};
inline void int16_row_avx2(const Int16Row&, std::int32_t*) {}  // never called

#endif

}  // namespace quench::host::detail
