// SPDX-License-Identifier: Apache-2.0
// Sums of int8 layers on CPUs with AVX2, with and without AVX-VNNI: for blocks (integer/avx2.hpp), and for depthwise
// convolutions (int8/depthwise.hpp).
//
// With vpdpbusd (AVX-VNNI) one instruction adds the products of four bytes for each of eight channels. Without, bytes of x
// and of weights are widened to 16 bits, and vpmaddwd adds the products of pairs: 2 * 255 * 128 fits easily. So a channel
// has two sums, which are added at the end. (vpmaddubsw would need no widening, but saturates sums of pairs to 16 bits.)
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/host/int8/depthwise.hpp>
#include <quench/host/integer/avx2.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_AVX2 gnu::target("avx2")

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
    const Epilogue& e = *layer.epilogue;
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
void int8_depthwise_avx2(const Int8Depthwise&, DepthwiseTaps&, Y*) {}  // never called

#endif

}  // namespace quench::host::detail
