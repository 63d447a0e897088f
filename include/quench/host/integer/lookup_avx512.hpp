// SPDX-License-Identifier: Apache-2.0
// Lookups of int8 codes in a table of 256 entries: what kernels/lookup.hpp defines. Where the CPU permutes bytes, the table
// stays in registers.
#pragma once

#include <quench/host/int8/level.hpp>
#include <quench/kernels/lookup.hpp>

namespace quench::host {

namespace detail {

#if defined(__x86_64__) && defined(__GNUC__)

/// Looks up whole 64s of codes. Only at Int8Level::Avx512Vbmi.
[[gnu::target("avx512f,avx512bw,avx512vbmi"), gnu::noinline]] inline void lookup_avx512(const std::int8_t* x,
                                                                                        std::int8_t* y,
                                                                                        std::size_t count,
                                                                                        const std::int8_t* table) {
  const __m512i a = _mm512_loadu_si512(table), b = _mm512_loadu_si512(table + 64);
  const __m512i c = _mm512_loadu_si512(table + 128), d = _mm512_loadu_si512(table + 192);
  for (std::size_t i = 0; i < count; i += 64) {
    // Seven bits choose an entry of a half of the table, the sign the half.
    const __m512i codes = _mm512_loadu_si512(x + i);
    const __m512i negative = _mm512_permutex2var_epi8(a, codes, b), positive = _mm512_permutex2var_epi8(c, codes, d);
    _mm512_storeu_si512(y + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), positive, negative));
  }
}

#else

inline void lookup_avx512(const std::int8_t*, std::int8_t*, std::size_t, const std::int8_t*) {}  // never called

#endif

}  // namespace detail

/// kernels::lookup of int8.
inline void lookup(const std::int8_t* x, std::int8_t* y, std::size_t count, const std::int8_t* table,
                   Int8Level level = best_int8_level()) {
  std::size_t done = 0;
  if (level == Int8Level::Avx512Vbmi) {
    done = count / 64 * 64;
    detail::lookup_avx512(x, y, done, table);
  }
  for (; done < count; ++done) y[done] = table[x[done] + 128];
}

}  // namespace quench::host
