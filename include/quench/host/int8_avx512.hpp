// SPDX-License-Identifier: Apache-2.0
// Blocks of int8 layers (int8_block.hpp) on CPUs with AVX-512 VNNI.
//
// Tiles fill the registers: 6 pixels by 64 channels, or 8 by 32 or by 16. A tile too small to keep the multipliers busy
// sums every second, fourth or eighth quad by itself. Arrays of registers are indexed by constants, else they would
// lie in memory at some levels of optimization.
#pragma once

#include <cstring>

#include <quench/host/int8_block.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

// Accumulators have a type of their own: as __m512i, which is a vector of 64-bit integers, g++ keeps each twice.
using Sums [[gnu::vector_size(64)]] = std::int32_t;

// Of all lanes, spelt so that g++ 12 does not warn of the undefined vectors in its headers.
inline constexpr __mmask16 all_lanes = 0xffff;

[[QUENCH_VNNI, gnu::always_inline]] inline __m512i held(__m512i x, std::int32_t low, std::int32_t high) {
  return _mm512_maskz_max_epi32(all_lanes, _mm512_maskz_min_epi32(all_lanes, x, _mm512_set1_epi32(high)),
                                _mm512_set1_epi32(low));
}

/// The arrays of an epilogue from a channel on, where no store of a code changes them.
struct EpilogueArrays {
  const std::int32_t *sum_first, *first, *pre, *multiplier, *half, *post;
  std::int32_t low, high;

  EpilogueArrays(const Int8Epilogue& e, int channel, std::int32_t lowest, std::int32_t highest)
      : sum_first(e.sum_first.data() + channel),
        first(e.first.data() + channel),
        pre(e.pre.data() + channel),
        multiplier(e.multiplier.data() + channel),
        half(e.half.data() + channel),
        post(e.post.data() + channel),
        low(lowest),
        high(highest) {}
};

/// Requantizes sums that have the half of the first shift.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i scaled(__m512i acc, const EpilogueArrays& e, std::size_t channel) {
  const __m512i shifted = _mm512_maskz_srav_epi32(all_lanes, acc, _mm512_loadu_si512(e.pre + channel));
  // The upper half of a multiplier is 0, so this is the product of the lower halves.
  const __m512i product = _mm512_dpwssd_epi32(_mm512_loadu_si512(e.half + channel), held(shifted, -32768, 32767),
                                              _mm512_loadu_si512(e.multiplier + channel));
  return _mm512_maskz_srav_epi32(all_lanes, product, _mm512_loadu_si512(e.post + channel));
}

/// The int8 codes of four vectors, saturated and clamped. Packing goes within parts of 128 bits: of each part of the
/// vectors in turn.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i packed(__m512i a, __m512i b, __m512i c, __m512i d,
                                                          const EpilogueArrays& e) {
  const __m512i codes = _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
  return _mm512_max_epi8(_mm512_min_epi8(codes, _mm512_set1_epi8(static_cast<char>(e.high))),
                         _mm512_set1_epi8(static_cast<char>(e.low)));
}

/// Stores the first `count` bytes.
[[QUENCH_VNNI, gnu::always_inline]] inline void store_bytes(__m512i bytes, int count, std::int8_t* y) {
  if (count >= 64) return _mm512_storeu_si512(y, bytes);
  if (count == 32)
    return _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), _mm512_maskz_extracti64x4_epi64(0xf, bytes, 0));
  if (count == 16)
    return _mm_storeu_si128(reinterpret_cast<__m128i*>(y), _mm512_maskz_extracti32x4_epi32(0xf, bytes, 0));
  _mm512_mask_storeu_epi8(y, (__mmask64{1} << count) - 1, bytes);
}

/// Stores up to 16 codes of more than a byte.
template <class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_wide(__m512i codes, const EpilogueArrays& e, int count, Y* y) {
  const auto mask = static_cast<__mmask16>(count >= 16 ? 0xffff : (1 << std::max(count, 0)) - 1);
  const __m512i clamped = held(codes, e.low, e.high);
  if constexpr (sizeof(Y) == 2)
    _mm512_mask_cvtsepi32_storeu_epi16(y, mask, clamped);
  else
    _mm512_mask_storeu_epi32(y, mask, clamped);
}

/// Stores what the sums of one pixel become.
template <std::size_t V, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_codes(const Sums* acc, const EpilogueArrays& e, int count, Y* y) {
  __m512i codes[V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) {
    codes[v] = reinterpret_cast<__m512i>(acc[v]);
    if constexpr (!std::is_same_v<Y, std::int32_t>) codes[v] = scaled(codes[v], e, 16 * v);
  }
  if constexpr (std::is_same_v<Y, std::int8_t>) {
    const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
    const __m512i bytes = packed(codes[0], codes[1 % V], codes[2 % V], codes[3 % V], e);
    store_bytes(_mm512_maskz_permutexvar_epi32(all_lanes, order, bytes), std::min(count, static_cast<int>(16 * V)), y);
  } else {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) store_wide(codes[v], e, count - static_cast<int>(16 * v), y + 16 * v);
  }
}

/// The same for M pixels. No loop: what is indexed by its variable would lie in memory.
template <std::size_t M, std::size_t V, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_pixels(const Sums* acc, const EpilogueArrays& e, int count, Y* y,
                                                             std::ptrdiff_t y_row) {
  store_codes<V>(acc, e, count, y);
  if constexpr (M > 1) store_pixels<M - 1, V>(acc + V, e, count, y + y_row, y_row);
}

/// Adds the products of one quad of M pixels and V vectors of channels.
template <std::size_t M, std::size_t V>
[[QUENCH_VNNI, gnu::always_inline]] inline void add_quad(Sums* acc, const std::uint8_t* const* a, std::ptrdiff_t at,
                                                         const std::int8_t* w) {
  __m512i right[V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) right[v] = _mm512_loadu_si512(w + 64 * v);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) {
    std::int32_t four = 0;
    std::memcpy(&four, a[i] + at, 4);
    const __m512i left = _mm512_set1_epi32(four);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      Sums& sums = acc[i * V + v];
      sums = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), left, right[v]));
    }
  }
}

/// The sums of M pixels and V vectors, from pixel `row` and `channel` on.
template <std::size_t M, std::size_t V, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void int8_tile(const Int8Block<Y>& block, int row, int channel) {
  constexpr std::size_t size = M * V, chains = size >= 8 ? 1 : 8 / size;
  const EpilogueArrays e(*block.epilogue, block.first_channel + channel, block.low, block.high);
  const std::int32_t* first = std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first;
  Sums acc[chains * size];
  const std::uint8_t* a[M];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) a[i] = block.a + block.rows[row + static_cast<int>(i)];
#pragma GCC unroll 32
  for (std::size_t i = 0; i < size; ++i) acc[i] = reinterpret_cast<Sums>(_mm512_loadu_si512(first + 16 * (i % V)));
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) acc[i] = Sums{};
  const std::int8_t* w = block.weights + static_cast<std::ptrdiff_t>(channel) * 4 * block.segments * block.quads;
  for (int s = 0; s < block.segments; ++s) {
    std::ptrdiff_t at = block.segment_offsets[s];
    int left = block.quads;
    for (; left >= static_cast<int>(chains); left -= static_cast<int>(chains)) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < chains; ++k, at += 4, w += 64 * V) add_quad<M, V>(acc + k * size, a, at, w);
    }
    if constexpr (chains > 1)
      for (; left > 0; --left, at += 4, w += 64 * V) add_quad<M, V>(acc, a, at, w);
  }
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) acc[i % size] += acc[i];
  store_pixels<M, V>(acc, e, block.channels - channel,
                     block.y + static_cast<std::ptrdiff_t>(row) * block.y_row + channel, block.y_row);
}

template <std::size_t V, class Y>
[[QUENCH_VNNI, gnu::noinline]] void int8_columns(const Int8Block<Y>& block, int channel) {
  constexpr int most = V == 4 ? 6 : 8;
  int row = 0;
  for (; row + most <= block.m; row += most) int8_tile<most, V>(block, row, channel);
  if (row + 4 <= block.m) {
    int8_tile<4, V>(block, row, channel);
    row += 4;
  }
  if (row + 2 <= block.m) {
    int8_tile<2, V>(block, row, channel);
    row += 2;
  }
  if (row < block.m) int8_tile<1, V>(block, row, channel);
}

/// Computes a block. Only at Int8Level::Avx512Vnni.
/// Equals   clamp(requantize(bias + Σ x * w)), as the kernels do
template <class Y>
void int8_block_avx512(const Int8Block<Y>& block) {
  for (int channel = 0; channel < block.channels;) {
    const int vectors = int8_vectors((block.channels - channel + 15) / 16);
    if (vectors == 4)
      int8_columns<4>(block, channel);
    else if (vectors == 2)
      int8_columns<2>(block, channel);
    else
      int8_columns<1>(block, channel);
    channel += 16 * vectors;
  }
}

/// Adds the products of four taps of 64 channels.
[[QUENCH_VNNI, gnu::always_inline]] inline void add_taps(Sums (&acc)[4], const std::uint8_t* a,
                                                         const std::int32_t* taps, const std::int8_t* w) {
  const __m512i t0 = _mm512_loadu_si512(a + taps[0]), t1 = _mm512_loadu_si512(a + taps[1]);
  const __m512i t2 = _mm512_loadu_si512(a + taps[2]), t3 = _mm512_loadu_si512(a + taps[3]);
  const __m512i low01 = _mm512_unpacklo_epi8(t0, t1), high01 = _mm512_unpackhi_epi8(t0, t1);
  const __m512i low23 = _mm512_unpacklo_epi8(t2, t3), high23 = _mm512_unpackhi_epi8(t2, t3);
  const __m512i left[] = {_mm512_unpacklo_epi16(low01, low23), _mm512_unpackhi_epi16(low01, low23),
                          _mm512_unpacklo_epi16(high01, high23), _mm512_unpackhi_epi16(high01, high23)};
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v)
    acc[v] = reinterpret_cast<Sums>(
        _mm512_dpbusd_epi32(reinterpret_cast<__m512i>(acc[v]), left[v], _mm512_loadu_si512(w + 64 * v)));
}

/// Computes a depthwise block. Only at Int8Level::Avx512Vnni.
template <class Y>
[[QUENCH_VNNI]] void int8_depthwise_avx512(const Int8Block<Y>& block) {
  const std::int8_t* w = block.weights;
  for (int channel = 0; channel < block.channels; channel += 64, w += block.quads * 256) {
    const EpilogueArrays e(*block.epilogue, channel, block.low, block.high);
    const std::int32_t* first = std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first;
    const int count = block.channels - channel;
    Y* y = block.y + channel;
    for (int i = 0; i < block.m; ++i, y += block.y_row) {
      const std::uint8_t* a = block.a + block.rows[i] + channel;
      Sums acc[4];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < 4; ++v) acc[v] = reinterpret_cast<Sums>(_mm512_loadu_si512(first + 16 * v));
      for (int quad = 0; quad < block.quads; ++quad) add_taps(acc, a, block.segment_offsets + 4 * quad, w + 256 * quad);
      __m512i codes[4];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < 4; ++v) {
        codes[v] = reinterpret_cast<__m512i>(acc[v]);
        if constexpr (!std::is_same_v<Y, std::int32_t>) codes[v] = scaled(codes[v], e, 16 * v);
      }
      if constexpr (std::is_same_v<Y, std::int8_t>) {
        store_bytes(packed(codes[0], codes[1], codes[2], codes[3], e), count, y);
      } else {
        std::int32_t in_order[64];
        for (int c = 0; c < 64; c += 4)
          std::memcpy(in_order + c, reinterpret_cast<const std::int32_t*>(codes) + depthwise_place(c), 16);
        for (int c = 0; c < 64; c += 16) store_wide(_mm512_loadu_si512(in_order + c), e, count - c, y + c);
      }
    }
  }
}

#undef QUENCH_VNNI

#else

template <class Y>
void int8_block_avx512(const Int8Block<Y>&) {}  // never called
template <class Y>
void int8_depthwise_avx512(const Int8Block<Y>&) {}

#endif

}  // namespace quench::host::detail
