// SPDX-License-Identifier: Apache-2.0
// Blocks of int8 layers (int8/block.hpp, int8/depthwise.hpp) on CPUs with AVX2, with and without AVX-VNNI.
//
// What is packed is the same as for AVX-512. Kernels differ in how they add the products of four bytes for each of eight
// channels, which a type does. With vpdpbusd (AVX-VNNI) that is one instruction. Without, bytes of x and of weights are
// widened to 16 bits, and vpmaddwd adds the products of pairs: 2 * 255 * 128 fits easily. So a channel has two sums, which
// are added at the end. (vpmaddubsw would need no widening, but saturates sums of pairs to 16 bits.)
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/host/int8/depthwise.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_AVX2 gnu::target("avx2")

// Accumulators have a type of their own: as __m256i, which is a vector of 64-bit integers, g++ keeps each twice.
using EightSums [[gnu::vector_size(32)]] = std::int32_t;

/// How eight sums become codes of Y: of the fours of channels that begin at two places.
template <class Y>
struct EightRecords {
  __m256i first, pre, multiplier, half, post;
  std::int32_t low, high;

  [[QUENCH_AVX2, gnu::always_inline]] EightRecords(const Int8Epilogue& e, int a, int b, std::int32_t lowest,
                                                   std::int32_t highest)
      : first(load(std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first, a, b)),
        pre(load(e.pre, a, b)),
        multiplier(load(e.multiplier, a, b)),
        half(load(e.half, a, b)),
        post(load(e.post, a, b)),
        low(lowest),
        high(highest) {}

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
  }
  codes = _mm256_max_epi32(_mm256_min_epi32(codes, _mm256_set1_epi32(e.high)), _mm256_set1_epi32(e.low));
  const auto number = static_cast<std::size_t>(std::min(count, 8));
  if constexpr (std::is_same_v<Y, std::int32_t>) {
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

/// The sums of eight channels without VNNI: two for each.
struct PairSums {
  static constexpr int pixels = 4, eights = 1;  // of a tile
  static constexpr int chains = 1;              // of sums of a single pixel
  EightSums first = {}, second = {};

  struct Weights {
    __m256i first, second;
  };
  [[QUENCH_AVX2, gnu::always_inline]] static Weights load(const std::int8_t* w) {
    return {_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w))),
            _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w + 16)))};
  }

  [[QUENCH_AVX2, gnu::always_inline]] void add(__m256i x_first, __m256i x_second, const Weights& w) {
    first += reinterpret_cast<EightSums>(_mm256_madd_epi16(x_first, w.first));
    second += reinterpret_cast<EightSums>(_mm256_madd_epi16(x_second, w.second));
  }
  /// The same four bytes for each channel.
  [[QUENCH_AVX2, gnu::always_inline]] void add_same(std::int32_t four, const Weights& w) {
    const __m256i x = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
    add(x, x, w);
  }
  [[QUENCH_AVX2, gnu::always_inline]] void add(__m256i x, const Weights& w) {
    add(_mm256_cvtepu8_epi16(_mm256_castsi256_si128(x)), _mm256_cvtepu8_epi16(_mm256_extracti128_si256(x, 1)), w);
  }
  [[QUENCH_AVX2, gnu::always_inline]] __m256i sums() const {
    const __m256i pairs = _mm256_hadd_epi32(reinterpret_cast<__m256i>(first), reinterpret_cast<__m256i>(second));
    return _mm256_permute4x64_epi64(pairs, 0xd8);
  }
};

/// The sums of eight channels with AVX-VNNI.
struct VnniSums {
  static constexpr int pixels = 6, eights = 2;
  static constexpr int chains = 4;
  EightSums of = {};

  struct Weights {
    __m256i of;
  };
  [[QUENCH_AVX2, gnu::always_inline]] static Weights load(const std::int8_t* w) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w))};
  }

  // As text, because an intrinsic would have all that calls it be compiled for AVX-VNNI, and so written twice.
  [[QUENCH_AVX2, gnu::always_inline]] void add(__m256i x, const Weights& w) {
    asm("%{vex%} vpdpbusd {%2, %1, %0|%0, %1, %2}" : "+x"(of) : "x"(x), "x"(w.of));
  }
  [[QUENCH_AVX2, gnu::always_inline]] void add_same(std::int32_t four, const Weights& w) {
    add(_mm256_set1_epi32(four), w);
  }
  [[QUENCH_AVX2, gnu::always_inline]] __m256i sums() const { return reinterpret_cast<__m256i>(of); }
};

/// Adds the products of a quad of M pixels and N eights of channels.
template <std::size_t M, std::size_t N, class Eight>
[[QUENCH_AVX2, gnu::always_inline]] inline void add_quad_avx2(Eight* acc, const std::uint8_t* const* a,
                                                              std::ptrdiff_t at, const std::int8_t* w) {
  typename Eight::Weights weights[N];
#pragma GCC unroll 2
  for (std::size_t n = 0; n < N; ++n) weights[n] = Eight::load(w + 32 * n);
#pragma GCC unroll 6
  for (std::size_t i = 0; i < M; ++i) {
    std::int32_t four = 0;
    std::memcpy(&four, a[i] + at, 4);
#pragma GCC unroll 2
    for (std::size_t n = 0; n < N; ++n) acc[N * i + n].add_same(four, weights[n]);
  }
}

/// M pixels by the eights of channels of a tile, `quad_step` bytes of weights from a quad to the next.
template <class Eight, std::size_t M, class Y>
[[QUENCH_AVX2, gnu::always_inline]] inline void tile_avx2(const Int8Block<Y>& block, int row, const std::int8_t* w,
                                                          int quad_step, int channel) {
  constexpr std::size_t eights = Eight::eights, size = M * eights, chains = M == 1 ? Eight::chains : 1;
  Eight acc[chains * size];
  const std::uint8_t* a[M];
#pragma GCC unroll 6
  for (std::size_t i = 0; i < M; ++i) a[i] = block.a + block.rows[row + static_cast<int>(i)];
  int quad = 0;
  for (; quad + static_cast<int>(chains) <= block.quads; quad += static_cast<int>(chains)) {
#pragma GCC unroll 4
    for (std::size_t k = 0; k < chains; ++k, w += quad_step)
      add_quad_avx2<M, eights>(acc + k * size, a, block.quad_offsets[quad + static_cast<int>(k)], w);
  }
  if constexpr (chains > 1) {
    for (; quad < block.quads; ++quad, w += quad_step) add_quad_avx2<M, eights>(acc, a, block.quad_offsets[quad], w);
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
template <class Eight, class Y>
[[QUENCH_AVX2]] void int8_block_avx2(const Int8Block<Y>& block) {
  const int depth = 4 * block.quads;
  for (int first = 0, width = 0; first < block.channels; first += width) {
    width = 16 * int8_vectors((block.channels - first + 15) / 16);
    for (int channel = first; channel < std::min(first + width, block.channels); channel += 8 * Eight::eights) {
      const std::int8_t* w = block.weights + static_cast<std::ptrdiff_t>(first) * depth + 4 * (channel - first);
      int row = 0;
      for (; row + Eight::pixels <= block.m; row += Eight::pixels)
        tile_avx2<Eight, Eight::pixels>(block, row, w, 4 * width, channel);
      for (; row < block.m; ++row) tile_avx2<Eight, 1>(block, row, w, 4 * width, channel);
    }
  }
}

/// Up to 16 codes, or 32.
[[QUENCH_AVX2, gnu::always_inline]] inline __m128i load_sixteen(const std::int8_t* from, int count) {
  if (count >= 16) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  if (count == 8) return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  __m128i codes = _mm_setzero_si128();
  std::memcpy(&codes, from, static_cast<std::size_t>(count));
  return codes;
}
[[QUENCH_AVX2, gnu::always_inline]] inline __m256i load_codes(const std::int8_t* from, int count) {
  if (count >= 32) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm256_set_m128i(count > 16 ? load_sixteen(from + 16, count - 16) : _mm_setzero_si128(),
                          load_sixteen(from, count));
}

/// Adds the products of four taps of 32 channels. Sums v are of the fours v of the first and of the second 16 channels.
template <class Eight>
[[QUENCH_AVX2, gnu::always_inline]] inline void add_taps_avx2(Eight (&acc)[4], const __m256i (&taps)[4],
                                                              const std::int8_t* w) {
  const __m256i low01 = _mm256_unpacklo_epi8(taps[0], taps[1]), high01 = _mm256_unpackhi_epi8(taps[0], taps[1]);
  const __m256i low23 = _mm256_unpacklo_epi8(taps[2], taps[3]), high23 = _mm256_unpackhi_epi8(taps[2], taps[3]);
  const __m256i left[] = {_mm256_unpacklo_epi16(low01, low23), _mm256_unpackhi_epi16(low01, low23),
                          _mm256_unpacklo_epi16(high01, high23), _mm256_unpackhi_epi16(high01, high23)};
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v) acc[v].add(left[v], Eight::load(w + 64 * v));
}

/// A row of pixels of a depthwise convolution.
template <class Eight, class Y>
[[QUENCH_AVX2]] void depthwise_row_avx2(const Int8Depthwise& layer, DepthwiseTaps& taps, int width, Y* y) {
  const std::size_t quads = taps.at.size() / 4;
  const __m256i bit = _mm256_set1_epi8(-128);
  for (int channel = 0; channel < layer.channels; channel += 32) {
    const int count = std::min(layer.channels - channel, 32), place = depthwise_place(channel);
    const std::int8_t* weights = layer.weights +
                                 static_cast<std::ptrdiff_t>(channel / 64) * 256 * static_cast<std::ptrdiff_t>(quads) +
                                 4 * (place % 64);
    const Int8Epilogue& e = *layer.epilogue;
    const EightRecords<Y> a(e, place, place + 16, layer.low, layer.high);
    const EightRecords<Y> b(e, place + 32, place + 48, layer.low, layer.high);
    const EightRecords<Y> c(e, place + 4, place + 20, layer.low, layer.high);
    const EightRecords<Y> d(e, place + 36, place + 52, layer.low, layer.high);
    Y* to = y + channel;
    std::ptrdiff_t at = 0;
    for (int ox = 0, left = 0; ox < width; ++ox, --left, at += taps.step, to += layer.channels) {
      if (left == 0) {
        left = taps.go_to(ox);
        at = channel;
      }
      Eight acc[4];
      for (std::size_t quad = 0; quad < quads; ++quad) {
        __m256i codes[4];
#pragma GCC unroll 4
        for (std::size_t t = 0; t < 4; ++t)
          codes[t] = _mm256_xor_si256(load_codes(taps.at[4 * quad + t] + at, count), bit);
        add_taps_avx2(acc, codes, weights + 256 * quad);
      }
      const __m256i sums[] = {acc[0].sums(), acc[1].sums(), acc[2].sums(), acc[3].sums()};
      store_eight(_mm256_permute2x128_si256(sums[0], sums[1], 0x20), a, count, to);
      if (count > 8) store_eight(_mm256_permute2x128_si256(sums[2], sums[3], 0x20), b, count - 8, to + 8);
      if (count > 16) store_eight(_mm256_permute2x128_si256(sums[0], sums[1], 0x31), c, count - 16, to + 16);
      if (count > 24) store_eight(_mm256_permute2x128_si256(sums[2], sums[3], 0x31), d, count - 24, to + 24);
    }
  }
}

/// Computes rows of a depthwise convolution; y is where the first of them goes. Only where the CPU has what the sums need.
template <class Eight, class Y>
void int8_depthwise_avx2(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  const Shape& shape = taps.conv->y;
  for (int oy = taps.rows.begin; oy < taps.rows.end; ++oy, y += shape[1] * shape[2]) {
    taps.start_row(oy);
    depthwise_row_avx2<Eight>(layer, taps, shape[1], y);
  }
}

#undef QUENCH_AVX2

#else

struct PairSums {};
struct VnniSums {};
template <class Eight, class Y>
void int8_block_avx2(const Int8Block<Y>&) {}  // never called
template <class Eight, class Y>
void int8_depthwise_avx2(const Int8Depthwise&, DepthwiseTaps&, Y*) {}

#endif

}  // namespace quench::host::detail
