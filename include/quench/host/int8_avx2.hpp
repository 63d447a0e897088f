// SPDX-License-Identifier: Apache-2.0
// Blocks of int8 layers (int8_block.hpp, int8_depthwise.hpp) on CPUs with AVX2 and without VNNI.
//
// What is packed is the same as for AVX-512. Four bytes of x and four of a channel's weights are widened to 16 bits, and
// vpmaddwd adds the products of pairs: 2 * 255 * 128 fits easily. So a channel has two sums, which are added at the end.
// (vpmaddubsw would need no widening, but saturates sums of pairs to 16 bits.)
#pragma once

#include <cstring>

#include <quench/host/int8_depthwise.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_AVX2 gnu::target("avx2")

// Accumulators have a type of their own: as __m256i, which is a vector of 64-bit integers, g++ keeps each twice.
using PairSums [[gnu::vector_size(32)]] = std::int32_t;

/// Where the parameters of eight channels stand: those of two fours.
struct TwoFours {
  int first, second;
};

[[QUENCH_AVX2, gnu::always_inline]] inline __m256i load_eight(const AlignedVector<std::int32_t>& values, TwoFours at) {
  const auto four = [&](int i) { return reinterpret_cast<const __m128i*>(values.data() + i); };
  return _mm256_set_m128i(_mm_loadu_si128(four(at.second)), _mm_loadu_si128(four(at.first)));
}

/// Stores what the sums of eight channels become; of four channels each: a, then b.
template <class Y>
[[QUENCH_AVX2, gnu::always_inline]] inline void store_eight(PairSums a, PairSums b, const Int8Epilogue& e, TwoFours at,
                                                            std::int32_t low, std::int32_t high, int count, Y* y) {
  const __m256i pairs = _mm256_hadd_epi32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b));
  const __m256i sums = _mm256_permute4x64_epi64(pairs, 0xd8);
  __m256i codes = _mm256_add_epi32(sums, load_eight(std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first, at));
  if constexpr (!std::is_same_v<Y, std::int32_t>) {
    const __m256i shifted = _mm256_srav_epi32(codes, load_eight(e.pre, at));
    const __m256i narrowed =
        _mm256_max_epi32(_mm256_min_epi32(shifted, _mm256_set1_epi32(32767)), _mm256_set1_epi32(-32768));
    // The upper half of a multiplier is 0, so this is the product of the lower halves.
    const __m256i product = _mm256_madd_epi16(narrowed, load_eight(e.multiplier, at));
    codes = _mm256_srav_epi32(_mm256_add_epi32(product, load_eight(e.half, at)), load_eight(e.post, at));
  }
  codes = _mm256_max_epi32(_mm256_min_epi32(codes, _mm256_set1_epi32(high)), _mm256_set1_epi32(low));
  std::size_t size = static_cast<std::size_t>(count) * sizeof(Y);
  if constexpr (sizeof(Y) == 4) {
    std::memcpy(y, &codes, std::min(size, sizeof codes));
  } else {
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
    if constexpr (sizeof(Y) == 1) words = _mm_packs_epi16(words, words);
    if (count >= 8)
      std::memcpy(y, &words, 8 * sizeof(Y));
    else
      std::memcpy(y, &words, size);
  }
}

/// Adds the products of four bytes for four channels.
[[QUENCH_AVX2, gnu::always_inline]] inline PairSums add_pairs(PairSums acc, __m256i x, __m256i w) {
  return acc + reinterpret_cast<PairSums>(_mm256_madd_epi16(x, w));
}

/// Sixteen bytes of weights, widened.
[[QUENCH_AVX2, gnu::always_inline]] inline __m256i wide_weights(const std::int8_t* w) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w)));
}

/// M pixels by eight channels, `quad_step` bytes of weights from a quad to the next.
template <std::size_t M, class Y>
[[QUENCH_AVX2, gnu::always_inline]] inline void tile_avx2(const Int8Block<Y>& block, int row, const std::int8_t* w,
                                                          int quad_step, int channel) {
  PairSums acc[2 * M];
  const std::uint8_t* a[M];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < M; ++i) {
    a[i] = block.a + block.rows[row + static_cast<int>(i)];
    acc[2 * i] = acc[2 * i + 1] = PairSums{};
  }
  for (int quad = 0; quad < block.quads; ++quad, w += quad_step) {
    const std::ptrdiff_t at = block.quad_offsets[quad];
    const __m256i first = wide_weights(w), second = wide_weights(w + 16);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < M; ++i) {
      std::int32_t four = 0;
      std::memcpy(&four, a[i] + at, 4);
      const __m256i x = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
      acc[2 * i] = add_pairs(acc[2 * i], x, first);
      acc[2 * i + 1] = add_pairs(acc[2 * i + 1], x, second);
    }
  }
  const int place = block.first_channel + channel;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < M; ++i)
    store_eight(acc[2 * i], acc[2 * i + 1], *block.epilogue, {place, place + 4}, block.low, block.high,
                block.channels - channel, block.y + (row + static_cast<std::ptrdiff_t>(i)) * block.y_row + channel);
}

/// Computes a block. Only at Int8Level::Avx2 and above.
template <class Y>
[[QUENCH_AVX2]] void int8_block_avx2(const Int8Block<Y>& block) {
  const int depth = 4 * block.quads;
  for (int first = 0, width = 0; first < block.channels; first += width) {
    width = 16 * int8_vectors((block.channels - first + 15) / 16);
    for (int channel = first; channel < std::min(first + width, block.channels); channel += 8) {
      const std::int8_t* w = block.weights + static_cast<std::ptrdiff_t>(first) * depth + 4 * (channel - first);
      int row = 0;
      for (; row + 4 <= block.m; row += 4) tile_avx2<4>(block, row, w, 4 * width, channel);
      for (; row < block.m; ++row) tile_avx2<1>(block, row, w, 4 * width, channel);
    }
  }
}

/// Adds the products of four taps of 16 channels, four channels to a vector of sums.
[[QUENCH_AVX2, gnu::always_inline]] inline void add_taps_avx2(PairSums (&acc)[4], const __m128i (&taps)[4],
                                                              const std::int8_t* w) {
  const __m128i low01 = _mm_unpacklo_epi8(taps[0], taps[1]), high01 = _mm_unpackhi_epi8(taps[0], taps[1]);
  const __m128i low23 = _mm_unpacklo_epi8(taps[2], taps[3]), high23 = _mm_unpackhi_epi8(taps[2], taps[3]);
  const __m128i left[] = {_mm_unpacklo_epi16(low01, low23), _mm_unpackhi_epi16(low01, low23),
                          _mm_unpacklo_epi16(high01, high23), _mm_unpackhi_epi16(high01, high23)};
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v)
    acc[v] = add_pairs(acc[v], _mm256_cvtepu8_epi16(left[v]), wide_weights(w + 64 * v));
}

/// A row of pixels of a depthwise convolution.
template <class Y>
[[QUENCH_AVX2]] void depthwise_row_avx2(const Int8Depthwise& layer, DepthwiseTaps& taps, int width, Y* y) {
  const std::size_t quads = taps.at.size() / 4;
  const __m128i bit = _mm_set1_epi8(-128);
  for (int channel = 0; channel < layer.channels; channel += 16) {
    const int count = std::min(layer.channels - channel, 16), place = depthwise_place(channel);
    const std::int8_t* weights = layer.weights +
                                 static_cast<std::ptrdiff_t>(channel / 64) * 256 * static_cast<std::ptrdiff_t>(quads) +
                                 4 * (place % 64);
    Y* to = y + channel;
    std::ptrdiff_t at = 0;
    for (int ox = 0, left = 0; ox < width; ++ox, --left, at += taps.step, to += layer.channels) {
      if (left == 0) {
        left = taps.go_to(ox);
        at = channel;
      }
      PairSums acc[4] = {};
      for (std::size_t quad = 0; quad < quads; ++quad) {
        __m128i codes[4];
        for (std::size_t t = 0; t < 4; ++t) {
          const std::int8_t* from = taps.at[4 * quad + t] + at;
          codes[t] = bit;
          if (count == 16)
            codes[t] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
          else
            std::memcpy(&codes[t], from, static_cast<std::size_t>(count));
          codes[t] = _mm_xor_si128(codes[t], bit);
        }
        add_taps_avx2(acc, codes, weights + 256 * quad);
      }
      store_eight(acc[0], acc[1], *layer.epilogue, {place, place + 16}, layer.low, layer.high, count, to);
      if (count > 8)
        store_eight(acc[2], acc[3], *layer.epilogue, {place + 32, place + 48}, layer.low, layer.high, count - 8,
                    to + 8);
    }
  }
}

/// Computes rows of a depthwise convolution; y is where the first of them goes. Only at Int8Level::Avx2 and above.
template <class Y>
void int8_depthwise_avx2(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  const Shape& shape = taps.conv->y;
  for (int oy = taps.rows.begin; oy < taps.rows.end; ++oy, y += shape[1] * shape[2]) {
    taps.start_row(oy);
    depthwise_row_avx2(layer, taps, shape[1], y);
  }
}

#undef QUENCH_AVX2

#else

template <class Y>
void int8_block_avx2(const Int8Block<Y>&) {}  // never called
template <class Y>
void int8_depthwise_avx2(const Int8Depthwise&, DepthwiseTaps&, Y*) {}

#endif

}  // namespace quench::host::detail
