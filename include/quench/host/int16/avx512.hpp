// SPDX-License-Identifier: Apache-2.0
// Blocks of int16 codes (int16/block.hpp) on CPUs with AVX-512 VNNI, whose vpdpwssd adds two products to a sum, tiles of 6
// pixels by 64 channels, or 8 by 32 or by 16; and rows of pixels (int16/depthwise.hpp), 32 sums at a time.
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/host/int16/avx2.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

using SixteenSums [[gnu::vector_size(64)]] = std::int32_t;

inline bool has_int16_avx512() {
  static const bool has = best_isa() == Isa::Avx512 && __builtin_cpu_supports("avx512vnni");
  return has;
}

/// Adds the products of one pair of M pixels and V vectors of channels.
template <std::size_t M, std::size_t V>
[[QUENCH_VNNI, gnu::always_inline]] inline void add_pairs_avx512(SixteenSums* sums, const std::int16_t* const* a,
                                                                 std::ptrdiff_t at, const std::int16_t* w) {
  __m512i right[V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) right[v] = _mm512_loadu_si512(w + 32 * v);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) {
    std::int32_t two = 0;
    std::memcpy(&two, a[i] + at, 4);
    const __m512i left = _mm512_set1_epi32(two);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v)
      sums[i * V + v] = reinterpret_cast<SixteenSums>(
          _mm512_dpwssd_epi32(reinterpret_cast<__m512i>(sums[i * V + v]), left, right[v]));
  }
}

/// The sums of M pixels and V vectors, from pixel `row` and `channel` on. A tile too small to keep the multipliers busy
/// sums every second or fourth pair by itself.
template <std::size_t M, std::size_t V>
[[QUENCH_VNNI, gnu::always_inline]] inline void int16_tile_avx512(const Int16Block& block, int row, int channel) {
  constexpr std::size_t size = M * V, chains = size >= 8 ? 1 : size >= 4 ? 2 : 4;
  SixteenSums sums[chains * size];
  const std::int16_t* a[M];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) a[i] = block.a + block.rows[row + static_cast<int>(i)];
#pragma GCC unroll 32
  for (std::size_t i = 0; i < size; ++i)
    sums[i] = reinterpret_cast<SixteenSums>(_mm512_loadu_si512(block.first + channel + 16 * (i % V)));
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) sums[i] = SixteenSums{};
  const std::int16_t* w = block.weights + 2 * static_cast<std::ptrdiff_t>(channel) * block.segments * block.pairs;
  for (int s = 0; s < block.segments; ++s) {
    std::ptrdiff_t at = block.segment_offsets[s];
    int left = block.pairs;
    for (; left >= static_cast<int>(chains); left -= static_cast<int>(chains)) {
#pragma GCC unroll 4
      for (std::size_t k = 0; k < chains; ++k, at += 2, w += 32 * V) add_pairs_avx512<M, V>(sums + k * size, a, at, w);
    }
    if constexpr (chains > 1)
      for (; left > 0; --left, at += 2, w += 32 * V) add_pairs_avx512<M, V>(sums, a, at, w);
  }
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) sums[i % size] += sums[i];
  const int count = block.channels - channel;
  std::int32_t* y = block.y + row * block.y_row + channel;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i, y += block.y_row) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      const int left = count - static_cast<int>(16 * v);
      const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffff : (1 << std::max(left, 0)) - 1);
      _mm512_mask_storeu_epi32(y + 16 * v, mask, reinterpret_cast<__m512i>(sums[i * V + v]));
    }
  }
}

template <std::size_t V>
[[QUENCH_VNNI, gnu::noinline]] void int16_columns_avx512(const Int16Block& block, int channel) {
  constexpr int most = V == 4 ? 6 : 8;
  int row = 0;
  for (; row + most <= block.m; row += most) int16_tile_avx512<most, V>(block, row, channel);
  for (; row + 2 <= block.m; row += 2) int16_tile_avx512<2, V>(block, row, channel);
  if (row < block.m) int16_tile_avx512<1, V>(block, row, channel);
}

/// Computes a block.
inline void int16_block_avx512(const Int16Block& block) {
  for (int channel = 0; channel < block.channels;) {
    const int vectors = int16_vectors((block.channels - channel + 15) / 16);
    if (vectors == 4)
      int16_columns_avx512<4>(block, channel);
    else if (vectors == 2)
      int16_columns_avx512<2>(block, channel);
    else
      int16_columns_avx512<1>(block, channel);
    channel += 16 * vectors;
  }
}

/// Stores up to 16 sums.
[[QUENCH_VNNI, gnu::always_inline]] inline void store_sums(__m512i sums, std::ptrdiff_t count, std::int32_t* y) {
  if (count >= 16) return _mm512_storeu_si512(y, sums);
  _mm512_mask_storeu_epi32(y, static_cast<__mmask16>((1 << std::max<std::ptrdiff_t>(count, 0)) - 1), sums);
}

/// The sums of P runs of pixels, `count` of each.
template <std::size_t P>
[[QUENCH_VNNI, gnu::always_inline]] inline void int16_runs_avx512(const Int16Row& row, const std::int16_t* x,
                                                                  std::size_t count, std::int32_t* y) {
  const std::size_t step = row.step();
  const __m512i first_half = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
  const __m512i second_half = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
  for (std::size_t c = 0; c < count; c += 32) {
    __m512i low[P]{}, high[P]{};
    const std::int16_t *w = row.weights + 2 * c, *at = x + c;
    for (std::size_t tap = 0; tap < 2 * row.pairs; tap += 2, w += 2 * step) {
      const std::int16_t *first = at + row.taps[tap], *second = at + row.taps[tap + 1];
      const __m512i left = _mm512_loadu_si512(w), right = _mm512_loadu_si512(w + 32);
#pragma GCC unroll 2
      for (std::size_t i = 0; i < P; ++i) {
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(i) * row.pixel_step;
        const __m512i a = _mm512_loadu_si512(first + pixel), b = _mm512_loadu_si512(second + pixel);
        low[i] = _mm512_dpwssd_epi32(low[i], _mm512_unpacklo_epi16(a, b), left);
        high[i] = _mm512_dpwssd_epi32(high[i], _mm512_unpackhi_epi16(a, b), right);
      }
    }
    const auto left = static_cast<std::ptrdiff_t>(count - c);
    const __m512i begin = _mm512_loadu_si512(row.first + c), next = _mm512_loadu_si512(row.first + c + 16);
#pragma GCC unroll 2
    for (std::size_t i = 0; i < P; ++i) {
      std::int32_t* to = y + i * count + c;
      store_sums(_mm512_add_epi32(_mm512_permutex2var_epi64(low[i], first_half, high[i]), begin), left, to);
      store_sums(_mm512_add_epi32(_mm512_permutex2var_epi64(low[i], second_half, high[i]), next), left - 16, to + 16);
    }
  }
}

/// Computes a row.
[[QUENCH_VNNI]] inline void int16_row_avx512(const Int16Row& row, std::int32_t* y) {
  const std::size_t count = row.filters * row.run;
  const std::int16_t* x = row.x;
  std::size_t left = row.pixels;
  for (; left >= 2 * row.run; left -= 2 * row.run, x += 2 * row.pixel_step, y += 2 * count)
    int16_runs_avx512<2>(row, x, count, y);
  for (; left >= row.run; left -= row.run, x += row.pixel_step, y += count) int16_runs_avx512<1>(row, x, count, y);
  int16_runs_avx512<1>(row, x, row.filters * left, y);
}

#undef QUENCH_VNNI

#else

inline bool has_int16_avx512() { return false; }
inline void int16_block_avx512(const Int16Block&) {}  // never called
inline void int16_row_avx512(const Int16Row&, std::int32_t*) {}

#endif

/// Computes a block on what the CPU has. AVX-512 without VNNI runs what AVX2 has.
inline void int16_block(const Int16Block& block, Isa isa) {
  if (isa == Isa::Avx512 && has_int16_avx512()) return int16_block_avx512(block);
  if (isa != Isa::Baseline) return int16_block_avx2(block);
  run_for<Int16BlockLoop>(isa, &block);
}

/// Computes a row; weights are paired unless `isa` is Baseline.
inline void int16_row(const Int16Row& row, std::int32_t* y, Isa isa) {
  if (isa == Isa::Avx512 && has_int16_avx512()) return int16_row_avx512(row, y);
  if (isa != Isa::Baseline) return int16_row_avx2(row, y);
  run_for<Int16RowLoop>(isa, &row, y);
}

}  // namespace quench::host::detail
