// SPDX-License-Identifier: Apache-2.0
// Blocks of integer layers (integer/block.hpp) on CPUs with AVX2.
//
// What is packed is the same as for AVX-512. Kernels differ in how they add the products of a quad for each of eight
// channels, which a type does: PairSums and VnniSums (int8/avx2.hpp) for int8 codes, Int16Sums (int16/avx2.hpp).
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/host/dispatch.hpp>
#include <quench/host/integer/block.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_AVX2 gnu::target("avx2")

// Accumulators have a type of their own: as __m256i, which is a vector of 64-bit integers, g++ keeps each twice.
using EightSums [[gnu::vector_size(32)]] = std::int32_t;

/// How eight sums become codes of Y: of the fours of channels that begin at two places.
template <class Y>
struct EightRecords {
  __m256i first, pre, multiplier, half, post;  // sums have the first one only
  std::int32_t low, high;

  [[QUENCH_AVX2, gnu::always_inline]] EightRecords(const Epilogue& e, int a, int b, std::int32_t lowest,
                                                   std::int32_t highest)
      : first(load(std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first, a, b)), low(lowest), high(highest) {
    if constexpr (!std::is_same_v<Y, std::int32_t>) {
      pre = load(e.pre, a, b);
      multiplier = load(e.multiplier, a, b);
      half = load(e.half, a, b);
      post = load(e.post, a, b);
    }
  }

 private:
  [[QUENCH_AVX2, gnu::always_inline]] static __m256i load(const AlignedVector<std::int32_t>& values, int a, int b) {
    const auto four = [&](int i) { return reinterpret_cast<const __m128i*>(values.data() + i); };
    return _mm256_set_m128i(_mm_loadu_si128(four(b)), _mm_loadu_si128(four(a)));
  }
};

/// Stores up to `count` of the codes that eight sums become.
template <class Y>
[[QUENCH_AVX2, gnu::always_inline]] inline void store_eight(__m256i sums, const EightRecords<Y>& e, int count, Y* y) {
  __m256i codes = _mm256_add_epi32(sums, e.first);
  if constexpr (!std::is_same_v<Y, std::int32_t>) {
    const __m256i shifted = _mm256_srav_epi32(codes, e.pre);
    const __m256i narrowed =
        _mm256_max_epi32(_mm256_min_epi32(shifted, _mm256_set1_epi32(32767)), _mm256_set1_epi32(-32768));
    // The upper half of a multiplier is 0, so this is the product of the lower halves.
    const __m256i product = _mm256_madd_epi16(narrowed, e.multiplier);
    codes = _mm256_srav_epi32(_mm256_add_epi32(product, e.half), e.post);
    codes = _mm256_max_epi32(_mm256_min_epi32(codes, _mm256_set1_epi32(e.high)), _mm256_set1_epi32(e.low));
  }
  const std::size_t number = count < 8 ? static_cast<std::size_t>(count) : 8;
  if constexpr (std::is_same_v<Y, std::int32_t>) {
    if (number == 8)
      std::memcpy(y, &codes, 32);
    else
      std::memcpy(y, &codes, 4 * number);
  } else {
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
    const __m128i bytes = _mm_packs_epi16(words, words);
    if (number == 8)
      std::memcpy(y, &bytes, 8);
    else
      std::memcpy(y, &bytes, number);
  }
}

/// Adds the products of a quad of M pixels and N eights of channels.
template <std::size_t M, std::size_t N, class Eight, class Code>
[[QUENCH_AVX2, gnu::always_inline]] inline void add_quad_avx2(Eight* acc, const Code* const* a, std::ptrdiff_t at,
                                                              const Code* w) {
  typename Eight::Weights weights[N];
#pragma GCC unroll 2
  for (std::size_t n = 0; n < N; ++n) weights[n] = Eight::load(w + 8 * codes_of_quad<Code> * n);
#pragma GCC unroll 6
  for (std::size_t i = 0; i < M; ++i) {
    std::int32_t four = 0;
    std::memcpy(&four, a[i] + at, 4);
#pragma GCC unroll 2
    for (std::size_t n = 0; n < N; ++n) acc[N * i + n].add_same(four, weights[n]);
  }
}

/// M pixels by the eights of channels of a tile, `quad_step` weights from a quad to the next.
template <class Eight, std::size_t M, class Code, class Y>
[[QUENCH_AVX2, gnu::always_inline]] inline void tile_avx2(const Block<Code, Y>& block, int row, const Code* w,
                                                          int quad_step, int channel) {
  constexpr std::size_t eights = Eight::eights, size = M * eights, chains = M == 1 ? Eight::chains : 1;
  Eight acc[chains * size];
  const Code* a[M];
#pragma GCC unroll 6
  for (std::size_t i = 0; i < M; ++i) a[i] = block.a + block.rows[row + static_cast<int>(i)];
  const std::int32_t *at = block.quad_offsets, *end = at + block.quads,
                     *end_of_all = at + block.quads / static_cast<int>(chains) * static_cast<int>(chains);
  for (; at < end_of_all; at += chains) {
#pragma GCC unroll 4
    for (std::size_t k = 0; k < chains; ++k, w += quad_step) add_quad_avx2<M, eights>(acc + k * size, a, at[k], w);
  }
  if constexpr (chains > 1) {
    for (; at < end; ++at, w += quad_step) add_quad_avx2<M, eights>(acc, a, *at, w);
#pragma GCC unroll 8
    for (std::size_t i = size; i < chains * size; ++i) acc[i % size].of += acc[i].of;
  }
#pragma GCC unroll 2
  for (std::size_t n = 0; n < eights; ++n, channel += 8) {
    const int place = block.first_channel + channel, count = block.channels - channel;
    if (count <= 0) return;
    const EightRecords<Y> records(*block.epilogue, place, place + 4, block.low, block.high);
    Y* y = block.y + row * block.y_row + channel;
#pragma GCC unroll 6
    for (std::size_t i = 0; i < M; ++i, y += block.y_row) store_eight(acc[eights * i + n].sums(), records, count, y);
  }
}

/// Computes a block. Only where the CPU has what the sums need.
template <class Eight, class Code, class Y>
[[QUENCH_AVX2]] void block_avx2(const Block<Code, Y>& block) {
  for (int first = 0, width = 0; first < block.channels; first += width) {
    width = 16 * vectors_at_once((block.channels - first + 15) / 16);
    for (int channel = first; channel < std::min(first + width, block.channels); channel += 8 * Eight::eights) {
      const Code* w = block.weights + codes_of_quad<Code> * (std::ptrdiff_t{first} * block.quads + channel - first);
      int row = 0;
      for (; row + Eight::pixels <= block.m; row += Eight::pixels)
        tile_avx2<Eight, Eight::pixels>(block, row, w, codes_of_quad<Code> * width, channel);
      for (; row < block.m; ++row) tile_avx2<Eight, 1>(block, row, w, codes_of_quad<Code> * width, channel);
    }
  }
}

#undef QUENCH_AVX2

#else

template <class Eight, class Code, class Y>
void block_avx2(const Block<Code, Y>&) {}  // never called

#endif

}  // namespace quench::host::detail
