// SPDX-License-Identifier: Apache-2.0
// Linear layers of few rows and at most 16 channels on CPUs with AVX-512 VNNI. The products of a channel run along the
// lanes, so that a row is read once in whole vectors, and not copied; the lanes are summed at the end.
#pragma once

#include <quench/host/int8/epilogue_avx512.hpp>

namespace quench::host {

/// Where weight i of channel k lies: [4 channels][64 weights][channel, weight].
constexpr std::size_t few_place(int k, int i, int depth) {
  return static_cast<std::size_t>((k / 4 * ((depth + 63) / 64) + i / 64) * 256 + k % 4 * 64 + i % 64);
}

/// A layer of few rows.
struct Int8Few {
  int depth = 0, channels = 0;
  const std::int8_t* weights = nullptr;  // in the order of few_place
  const Epilogue* epilogue = nullptr;
  std::int32_t low = INT32_MIN, high = INT32_MAX;
};

namespace detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,tune=skylake-avx512")

[[QUENCH_VNNI, gnu::always_inline]] inline __m512i sum_of(__m512i a, __m512i b) {
  return reinterpret_cast<__m512i>(reinterpret_cast<Sums>(a) + reinterpret_cast<Sums>(b));
}

/// Within parts of 128 bits, two sums of lanes of x and of y in turn.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i summed_pairs(Sums x, Sums y) {
  const auto a = reinterpret_cast<__m512i>(x), b = reinterpret_cast<__m512i>(y);
  return sum_of(_mm512_maskz_unpacklo_epi32(all_lanes, a, b), _mm512_maskz_unpackhi_epi32(all_lanes, a, b));
}

/// Adds the products of 64 weights of four channels.
[[QUENCH_VNNI, gnu::always_inline]] inline void add_four(Sums* acc, __m512i x, const std::int8_t* w) {
  const __m512i left = _mm512_xor_si512(x, _mm512_set1_epi8(-128));
#pragma GCC unroll 4
  for (std::size_t c = 0; c < 4; ++c) {
    const __m512i right = _mm512_loadu_si512(w + 64 * c);
    acc[c] = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(acc[c]), left, right));
  }
}

/// The sums of four channels of a row, spread over four parts of 128 bits.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i four_sums(const std::int8_t* x, const std::int8_t* w, int depth) {
  Sums acc[4] = {};
  for (; depth >= 64; depth -= 64, x += 64, w += 256) add_four(acc, _mm512_loadu_si512(x), w);
  if (depth > 0) add_four(acc, _mm512_maskz_loadu_epi8((__mmask64{1} << depth) - 1, x), w);
  const __m512i first = summed_pairs(acc[0], acc[1]), second = summed_pairs(acc[2], acc[3]);
  return sum_of(_mm512_maskz_unpacklo_epi64(0xff, first, second), _mm512_maskz_unpackhi_epi64(0xff, first, second));
}

/// Halves the parts of two vectors: of a, then of b.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i halved(__m512i a, __m512i b) {
  return sum_of(_mm512_maskz_shuffle_i32x4(all_lanes, a, b, 0x88), _mm512_maskz_shuffle_i32x4(all_lanes, a, b, 0xdd));
}

/// Computes `rows` rows. Only at a level of AVX-512.
template <class Y>
[[QUENCH_VNNI, gnu::noinline]] void int8_few_avx512(const Int8Few& layer, int rows, const std::int8_t* x, Y* y) {
  const EpilogueArrays<Y> e(*layer.epilogue, 0, layer.low, layer.high);
  const int depth = layer.depth, channels = layer.channels;
  const std::ptrdiff_t step = (depth + 63) / 64 * 256;
  for (; rows > 0; --rows, x += depth, y += channels) {
    const std::int8_t* w = layer.weights;
    const __m512i none = _mm512_setzero_si512();
    const __m512i a = four_sums(x, w, depth);
    const __m512i b = channels > 4 ? four_sums(x, w + step, depth) : none;
    const __m512i c = channels > 8 ? four_sums(x, w + 2 * step, depth) : none;
    const __m512i d = channels > 12 ? four_sums(x, w + 3 * step, depth) : none;
    const __m512i sums = sum_of(halved(halved(a, b), halved(c, d)), _mm512_loadu_si512(e.first));
    const Sums of_pixel[1] = {reinterpret_cast<Sums>(sums)};
    store_pixels<1, 1>(of_pixel, e, channels, y, channels);
  }
}

#undef QUENCH_VNNI

#else

template <class Y>
void int8_few_avx512(const Int8Few&, int, const std::int8_t*, Y*) {}  // never called

#endif

}  // namespace detail

}  // namespace quench::host
