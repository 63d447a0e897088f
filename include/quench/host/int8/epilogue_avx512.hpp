// SPDX-License-Identifier: Apache-2.0
// What becomes of the sums of integer layers on CPUs with AVX-512 VNNI: requantized, clamped and stored.
#pragma once

#include <cstring>

#include <quench/host/int8/codes_avx512.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,tune=skylake-avx512")

/// The arrays of an epilogue from a channel on, where no store of a code changes them. Sums have the first one only.
template <class Y>
struct EpilogueArrays {
  const std::int32_t *first, *pre = nullptr;
  const std::int16_t* narrow = nullptr;
  std::int32_t low, high;

  [[gnu::always_inline]] EpilogueArrays(const Epilogue& e, int channel, std::int32_t lowest, std::int32_t highest)
      : first((std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first).data() + channel), low(lowest), high(highest) {
    if constexpr (!std::is_same_v<Y, std::int32_t>) {
      pre = e.pre.data() + channel;
      narrow = e.narrow.pair(channel);
    }
  }
};

/// The first shift of sums that have its half.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i shifted(Sums acc, const EpilogueArrays<std::int8_t>& e,
                                                           std::size_t channel) {
  return _mm512_maskz_srav_epi32(all_lanes, reinterpret_cast<__m512i>(acc), _mm512_loadu_si512(e.pre + channel));
}

/// Requantizes two vectors of sums, packed into one of 16-bit codes, of parts of both in turn.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i scaled_pair(Sums a, Sums b, const EpilogueArrays<std::int8_t>& e,
                                                               std::size_t a_channel, std::size_t b_channel) {
  return narrow_product(_mm512_packs_epi32(shifted(a, e, a_channel), shifted(b, e, b_channel)),
                        e.narrow + 6 * a_channel);
}

/// The int8 codes of four vectors, which are those of 4 / V pixels: of parts of 128 bits of each in turn.
template <std::size_t V>
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i code_bytes(Sums a, Sums b, Sums c, Sums d,
                                                              const EpilogueArrays<std::int8_t>& e) {
  const __m512i codes =
      _mm512_packs_epi16(scaled_pair(a, b, e, 0, 16 * (1 % V)), scaled_pair(c, d, e, 16 * (2 % V), 16 * (3 % V)));
  return _mm512_max_epi8(_mm512_min_epi8(codes, _mm512_set1_epi8(static_cast<char>(e.high))),
                         _mm512_set1_epi8(static_cast<char>(e.low)));
}

/// Stores up to `count` of 16 * V bytes, the `part`-th so many of a vector.
template <std::size_t V, int part>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_bytes(__m512i bytes, int count, std::int8_t* y) {
  if constexpr (V == 4) {
    if (count >= 64) [[likely]]
      return _mm512_storeu_si512(y, bytes);
    _mm512_mask_storeu_epi8(y, (__mmask64{1} << count) - 1, bytes);
  } else if constexpr (V == 2) {
    const __m256i of_pixel = _mm512_maskz_extracti64x4_epi64(0xf, bytes, part);
    if (count >= 32) [[likely]]
      return _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), of_pixel);
    _mm256_mask_storeu_epi8(y, (__mmask32{1} << count) - 1, of_pixel);
  } else {
    const __m128i of_pixel = _mm512_maskz_extracti32x4_epi32(0xf, bytes, part);
    if (count >= 16) [[likely]]
      return _mm_storeu_si128(reinterpret_cast<__m128i*>(y), of_pixel);
    _mm_mask_storeu_epi8(y, static_cast<__mmask16>((1 << count) - 1), of_pixel);
  }
}

/// Stores the codes of `pixels` pixels.
template <std::size_t V, std::size_t pixels>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_codes(__m512i bytes, int count, std::int8_t* y,
                                                            std::ptrdiff_t y_row) {
  constexpr int channels = 16 * V;
  if constexpr (V * pixels == 4 && pixels > 1)
    if (count >= channels && y_row == channels) return _mm512_storeu_si512(y, bytes);
  store_bytes<V, 0>(bytes, count, y);
  if constexpr (pixels > 1) store_bytes<V, 1>(bytes, count, y + y_row);
  if constexpr (pixels > 2) store_bytes<V, 2>(bytes, count, y + 2 * y_row);
  if constexpr (pixels > 2) store_bytes<V, 3>(bytes, count, y + 3 * y_row);
}

/// Stores up to 16 sums.
[[QUENCH_VNNI, gnu::always_inline]] inline void store_sums(__m512i sums, std::ptrdiff_t count, std::int32_t* y) {
  if (count >= 16) return _mm512_storeu_si512(y, sums);
  if (count > 0) _mm512_mask_storeu_epi32(y, static_cast<__mmask16>((1 << count) - 1), sums);
}

/// Stores what the sums of M pixels become: int8 codes. No loop over pixels: what is indexed by its variable would lie in
/// memory.
template <std::size_t M, std::size_t V>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_pixels(const Sums* acc, const EpilogueArrays<std::int8_t>& e,
                                                             int count, std::int8_t* y, std::ptrdiff_t y_row) {
  constexpr std::size_t at_once = M >= 4 / V ? 4 / V : 1, size = at_once * V;
  const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  const __m512i bytes = _mm512_maskz_permutexvar_epi32(
      all_lanes, order, code_bytes<V>(acc[0], acc[1 % size], acc[2 % size], acc[3 % size], e));
  store_codes<V, at_once>(bytes, count, y, y_row);
  if constexpr (M > at_once)
    store_pixels<M - at_once, V>(acc + at_once * V, e, count, y + static_cast<int>(at_once) * y_row, y_row);
}

/// The same for sums as they are.
template <std::size_t M, std::size_t V>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_pixels(const Sums* acc, const EpilogueArrays<std::int32_t>&,
                                                             int count, std::int32_t* y, std::ptrdiff_t y_row) {
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i, y += y_row) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v)
      store_sums(reinterpret_cast<__m512i>(acc[i * V + v]), count - static_cast<int>(16 * v), y + 16 * v);
  }
}

#undef QUENCH_VNNI

#endif

}  // namespace quench::host::detail
