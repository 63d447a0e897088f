// SPDX-License-Identifier: Apache-2.0
// Rows of pixels of int16 codes (int16/depthwise.hpp) on CPUs with AVX-512 VNNI, whose vpdpwssd adds two products to a
// sum, 32 sums at a time; and which kernels of int16 codes the CPU runs.
#pragma once

#include <algorithm>

#include <quench/host/int16/avx2.hpp>
#include <quench/host/int16/block.hpp>
#include <quench/host/integer/avx512.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

inline bool has_int16_avx512() {
  static const bool has = best_isa() == Isa::Avx512 && __builtin_cpu_supports("avx512vnni");
  return has;
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
inline void int16_row_avx512(const Int16Row&, std::int32_t*) {}  // never called

#endif

/// Computes a block on what the CPU has. AVX-512 without VNNI runs what AVX2 has.
inline void int16_block(const Int16Block& block, Isa isa) {
  if (isa == Isa::Avx512 && has_int16_avx512()) return block_avx512(block);
  if (isa != Isa::Baseline) return block_avx2<Int16Sums>(block);
  run_for<Int16BlockLoop>(isa, &block);
}

/// Computes a row; weights are paired unless `isa` is Baseline.
inline void int16_row(const Int16Row& row, std::int32_t* y, Isa isa) {
  if (isa == Isa::Avx512 && has_int16_avx512()) return int16_row_avx512(row, y);
  if (isa != Isa::Baseline) return int16_row_avx2(row, y);
  run_for<Int16RowLoop>(isa, &row, y);
}

}  // namespace quench::host::detail
