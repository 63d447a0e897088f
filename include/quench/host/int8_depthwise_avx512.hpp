// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions (int8_depthwise.hpp) on CPUs with AVX-512 VNNI, 64 channels at once.
#pragma once

#include <algorithm>

#include <quench/host/int8_depthwise.hpp>
#include <quench/host/int8_epilogue_avx512.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,tune=skylake-avx512")

/// Puts four taps of 64 channels beside each other.
[[QUENCH_VNNI, gnu::always_inline]] inline void join_taps(__m512i (&left)[4], __m512i a, __m512i b, __m512i c,
                                                          __m512i d) {
  const __m512i low01 = _mm512_unpacklo_epi8(a, b), high01 = _mm512_unpackhi_epi8(a, b);
  const __m512i low23 = _mm512_unpacklo_epi8(c, d), high23 = _mm512_unpackhi_epi8(c, d);
  left[0] = _mm512_unpacklo_epi16(low01, low23);
  left[1] = _mm512_unpackhi_epi16(low01, low23);
  left[2] = _mm512_unpacklo_epi16(high01, high23);
  left[3] = _mm512_unpackhi_epi16(high01, high23);
}

[[QUENCH_VNNI, gnu::always_inline]] inline __m512i raised_tap(const std::int8_t* tap, __mmask64 mask) {
  return _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, tap), _mm512_set1_epi8(-128));
}

/// Adds the products of four taps of 64 channels.
[[QUENCH_VNNI, gnu::always_inline]] inline void add_taps(Sums (&acc)[4], const __m512i (&left)[4], const __m512i* w) {
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v)
    acc[v] = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(acc[v]), left[v], w[v]));
}

/// Stores what the sums of one pixel become, whose channels are in the order of depthwise_place.
template <class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_depthwise(const Sums (&acc)[4], const EpilogueArrays& e,
                                                                int count, Y* y) {
  if constexpr (std::is_same_v<Y, std::int8_t>)
    return store_bytes<4, 0>(code_bytes<4>(acc[0], acc[1], acc[2], acc[3], e), count, y);
  std::int32_t sums[64], in_order[64];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v) _mm512_storeu_si512(sums + 16 * v, reinterpret_cast<__m512i>(acc[v]));
  for (int c = 0; c < 64; c += 4) std::memcpy(in_order + c, sums + depthwise_place(c), 16);
  if constexpr (std::is_same_v<Y, std::int32_t>)
    for (int c = 0; c < 64; c += 16) store_sums(_mm512_loadu_si512(in_order + c), e, count - c, y + c);
}

/// What 64 channels of a row of pixels share.
template <class Y>
struct DepthwiseChannels {
  const std::int8_t* weights;
  int quads, count;
  __mmask64 mask;
  std::ptrdiff_t channel, x_step, y_step;
  EpilogueArrays e;

  DepthwiseChannels(const Int8Depthwise& layer, const DepthwiseTaps& taps, int first)
      : weights(layer.weights + static_cast<std::ptrdiff_t>(first) * 4 * static_cast<int>(taps.at.size() / 4)),
        quads(static_cast<int>(taps.at.size() / 4)),
        count(layer.channels - first),
        mask(count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1),
        channel(first),
        x_step(taps.step),
        y_step(layer.channels),
        e(*layer.epilogue, first, layer.low, layer.high) {}

  const std::int32_t* first() const { return std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first; }
};

/// Pixels of any window.
template <class Y>
[[QUENCH_VNNI, gnu::noinline]] void depthwise_pixels(const DepthwiseChannels<Y>& channels, const std::int8_t* const* at,
                                                     int pixels, Y* y) {
  std::ptrdiff_t offset = channels.channel;
  for (; pixels > 0; --pixels, offset += channels.x_step, y += channels.y_step) {
    Sums acc[4];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v) acc[v] = reinterpret_cast<Sums>(_mm512_loadu_si512(channels.first() + 16 * v));
    const std::int8_t* weights = channels.weights;
    for (int quad = 0; quad < channels.quads; ++quad, weights += 256) {
      __m512i left[4], w[4];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < 4; ++v) w[v] = _mm512_loadu_si512(weights + 64 * v);
      const std::int8_t* const* tap = at + 4 * quad;
      join_taps(left, raised_tap(tap[0] + offset, channels.mask), raised_tap(tap[1] + offset, channels.mask),
                raised_tap(tap[2] + offset, channels.mask), raised_tap(tap[3] + offset, channels.mask));
      add_taps(acc, left, w);
    }
    store_depthwise(acc, channels.e, channels.count, y);
  }
}

/// Joins a column of a window of 3 x 3. The weights of the fourth tap are 0.
[[QUENCH_VNNI, gnu::always_inline]] inline void join_column(__m512i (&left)[4], const std::int8_t* top,
                                                            const std::int8_t* middle, const std::int8_t* bottom,
                                                            std::ptrdiff_t at, __mmask64 mask) {
  const __m512i last = raised_tap(bottom + at, mask);
  join_taps(left, raised_tap(top + at, mask), raised_tap(middle + at, mask), last, last);
}

/// Pixels of a window of 3 x 3, all inside of the map. Weights stay in registers, and `kept` columns, which the next pixel
/// meets as well.
template <int kept, class Y>
[[QUENCH_VNNI, gnu::noinline]] void depthwise_3x3(const DepthwiseChannels<Y>& channels, const std::int8_t* const* at,
                                                  int pixels, Y* y) {
  const EpilogueArrays e = channels.e;
  const std::int32_t* first = channels.first();
  const std::int8_t *top = at[0] + channels.channel, *middle = at[1] + channels.channel,
                    *bottom = at[2] + channels.channel;
  const std::ptrdiff_t column = at[4] - at[0], x_step = channels.x_step, y_step = channels.y_step;
  const __mmask64 mask = channels.mask;
  const int count = channels.count;
  __m512i w[12], columns[3][4];
#pragma GCC unroll 12
  for (std::size_t i = 0; i < 12; ++i) w[i] = _mm512_loadu_si512(channels.weights + 64 * i);
#pragma GCC unroll 2
  for (int c = 0; c < kept; ++c) join_column(columns[c], top, middle, bottom, c * column, mask);
  for (; pixels > 0; --pixels, top += x_step, middle += x_step, bottom += x_step, y += y_step) {
    Sums acc[4];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v) acc[v] = reinterpret_cast<Sums>(_mm512_loadu_si512(first + 16 * v));
#pragma GCC unroll 3
    for (int c = 0; c < 3; ++c) {
      if (c >= kept) join_column(columns[c], top, middle, bottom, c * column, mask);
      add_taps(acc, columns[c], w + 4 * c);
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v) {
      if constexpr (kept > 0) columns[0][v] = columns[3 - kept][v];
      if constexpr (kept > 1) columns[1][v] = columns[2][v];
    }
    store_depthwise(acc, e, count, y);
  }
}

/// A row of pixels. `kept`: -1 for windows that are not 3 x 3.
template <int kept, class Y>
void depthwise_row(const Int8Depthwise& layer, DepthwiseTaps& taps, int width, Y* y) {
  for (int ox = 0, pixels = 0; ox < width; ox += pixels, y += static_cast<std::ptrdiff_t>(pixels) * layer.channels) {
    pixels = taps.go_to(ox);
    for (int first = 0; first < layer.channels; first += 64) {
      const DepthwiseChannels<Y> channels(layer, taps, first);
      if (kept >= 0 && pixels > 1)
        depthwise_3x3<std::max(kept, 0)>(channels, taps.at.data(), pixels, y + first);
      else
        depthwise_pixels(channels, taps.at.data(), pixels, y + first);
    }
  }
}

template <int kept, class Y>
void depthwise_map(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  const Shape& shape = taps.conv->y;
  for (int oy = taps.rows.begin; oy < taps.rows.end; ++oy, y += shape[1] * shape[2]) {
    taps.start_row(oy);
    depthwise_row<kept>(layer, taps, shape[1], y);
  }
}

/// Computes rows of a depthwise convolution; y is where the first of them goes. Only at a level of AVX-512.
template <class Y>
void int8_depthwise_avx512(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  const kernels::Window& window = taps.conv->window;
  const int stride = window.dilation.width == 1 ? window.stride.width : 3;
  if (window.kernel_size != 3) return depthwise_map<-1>(layer, taps, y);
  if (stride == 1) return depthwise_map<2>(layer, taps, y);
  if (stride == 2) return depthwise_map<1>(layer, taps, y);
  depthwise_map<0>(layer, taps, y);
}

#undef QUENCH_VNNI

#else

template <class Y>
void int8_depthwise_avx512(const Int8Depthwise&, DepthwiseTaps&, Y*) {}  // never called

#endif

}  // namespace quench::host::detail
