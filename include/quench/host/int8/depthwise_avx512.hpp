// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions (int8/depthwise.hpp) on CPUs with AVX-512 VNNI, 64 channels at once.
#pragma once

#include <algorithm>

#include <quench/host/int8/depthwise.hpp>
#include <quench/host/int8/epilogue_avx512.hpp>

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

/// A tap of 64 / P channels and P pixels, which are `step` apart.
template <int P>
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i raised_tap(const std::int8_t* tap, __mmask64 mask,
                                                              std::ptrdiff_t step) {
  __m512i codes = _mm512_maskz_loadu_epi8(mask, tap);
  if constexpr (P == 2) {
    const auto of_pixel = static_cast<__mmask32>(mask);
    codes = _mm512_maskz_inserti64x4(0xff, codes, _mm256_maskz_loadu_epi8(of_pixel, tap + step), 1);
  } else if constexpr (P == 4) {
    const auto of_pixel = static_cast<__mmask16>(mask);
    codes = _mm512_maskz_inserti32x4(all_lanes, codes, _mm_maskz_loadu_epi8(of_pixel, tap + step), 1);
    codes = _mm512_maskz_inserti32x4(all_lanes, codes, _mm_maskz_loadu_epi8(of_pixel, tap + 2 * step), 2);
    codes = _mm512_maskz_inserti32x4(all_lanes, codes, _mm_maskz_loadu_epi8(of_pixel, tap + 3 * step), 3);
  }
  return _mm512_xor_si512(codes, _mm512_set1_epi8(-128));
}

/// Adds the products of four taps of 64 channels.
[[QUENCH_VNNI, gnu::always_inline]] inline void add_taps(Sums (&acc)[4], const __m512i (&left)[4], const __m512i* w) {
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v)
    acc[v] = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(acc[v]), left[v], w[v]));
}

/// Stores what the sums of P pixels become, whose channels are in the order of depthwise_place.
template <int P, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_depthwise(const Sums (&acc)[4], const EpilogueArrays<Y>& e,
                                                                int count, Y* y, std::ptrdiff_t step) {
  if constexpr (std::is_same_v<Y, std::int8_t>) {
    const __m512i bytes = code_bytes<4>(acc[0], acc[1], acc[2], acc[3], e);
    store_bytes<4 / P, 0>(bytes, count, y);
    if constexpr (P > 1) store_bytes<4 / P, 1>(bytes, count, y + step);
    if constexpr (P > 2) store_bytes<4 / P, 2>(bytes, count, y + 2 * step);
    if constexpr (P > 2) store_bytes<4 / P, 3>(bytes, count, y + 3 * step);
    return;
  }
  std::int32_t sums[64], in_order[64];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v) _mm512_storeu_si512(sums + 16 * v, reinterpret_cast<__m512i>(acc[v]));
  for (int c = 0; c < 64; c += 4) std::memcpy(in_order + c, sums + depthwise_place(c), 16);
  if constexpr (std::is_same_v<Y, std::int32_t>)
    for (int c = 0; c < 64; c += 16) store_sums(_mm512_loadu_si512(in_order + c), count - c, y + c);
}

/// What 64 channels of a row of pixels share.
template <class Y>
struct DepthwiseChannels {
  const std::int8_t* weights;
  int quads, count;
  __mmask64 mask;
  std::ptrdiff_t channel, x_step, y_step;
  EpilogueArrays<Y> e;

  DepthwiseChannels(const Int8Depthwise& layer, const DepthwiseTaps& taps, int first)
      : weights(layer.weights + static_cast<std::ptrdiff_t>(first) * 4 * static_cast<int>(taps.at.size() / 4)),
        quads(static_cast<int>(taps.at.size() / 4)),
        count(layer.channels - first),
        mask(count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1),
        channel(first),
        x_step(taps.step),
        y_step(layer.channels),
        e(*layer.epilogue, first, layer.low, layer.high) {}
};

/// Pixels of any window.
template <class Y>
[[QUENCH_VNNI, gnu::noinline]] void depthwise_any(const DepthwiseChannels<Y>& channels, const std::int8_t* const* at,
                                                  int pixels, Y* y) {
  std::ptrdiff_t offset = channels.channel;
  for (; pixels > 0; --pixels, offset += channels.x_step, y += channels.y_step) {
    Sums acc[4];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v) acc[v] = reinterpret_cast<Sums>(_mm512_loadu_si512(channels.e.first + 16 * v));
    const std::int8_t* weights = channels.weights;
    for (int quad = 0; quad < channels.quads; ++quad, weights += 256) {
      __m512i left[4], w[4];
#pragma GCC unroll 4
      for (std::size_t v = 0; v < 4; ++v) w[v] = _mm512_loadu_si512(weights + 64 * v);
      const std::int8_t* const* tap = at + 4 * quad;
      const __mmask64 mask = channels.mask;
      join_taps(left, raised_tap<1>(tap[0] + offset, mask, 0), raised_tap<1>(tap[1] + offset, mask, 0),
                raised_tap<1>(tap[2] + offset, mask, 0), raised_tap<1>(tap[3] + offset, mask, 0));
      add_taps(acc, left, w);
    }
    store_depthwise<1>(acc, channels.e, channels.count, y, 0);
  }
}

/// Joins a column of a window of 3 x 3. The weights of the fourth tap are 0.
template <int P>
[[QUENCH_VNNI, gnu::always_inline]] inline void join_column(__m512i (&left)[4], const std::int8_t* const (&rows)[3],
                                                            std::ptrdiff_t at, __mmask64 mask, std::ptrdiff_t step) {
  const __m512i last = raised_tap<P>(rows[2] + at, mask, step);
  join_taps(left, raised_tap<P>(rows[0] + at, mask, step), raised_tap<P>(rows[1] + at, mask, step), last, last);
}

/// Pixels of a window of 3 x 3, all inside of the map, and as many of P - 1 further parts of the row. Weights stay in
/// registers, and `kept` columns, which the next pixel meets as well.
template <int kept, int P, class Y>
[[QUENCH_VNNI, gnu::noinline]] void depthwise_3x3(const DepthwiseChannels<Y>& channels, const std::int8_t* const* at,
                                                  int pixels, Y* y) {
  const EpilogueArrays<Y> e = channels.e;
  const std::int8_t* rows[3] = {at[0] + channels.channel, at[1] + channels.channel, at[2] + channels.channel};
  const std::ptrdiff_t column = at[4] - at[0], x_step = channels.x_step, y_step = channels.y_step;
  const std::ptrdiff_t x_part = pixels * x_step, y_part = pixels * y_step;
  const __mmask64 mask = channels.mask;
  const int count = channels.count;
  __m512i w[12], columns[3][4];
#pragma GCC unroll 12
  for (std::size_t i = 0; i < 12; ++i) w[i] = _mm512_loadu_si512(channels.weights + 64 * i);
#pragma GCC unroll 2
  for (int c = 0; c < kept; ++c) join_column<P>(columns[c], rows, c * column, mask, x_part);
  for (; pixels > 0; --pixels, y += y_step) {
    Sums acc[4];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v) acc[v] = reinterpret_cast<Sums>(_mm512_loadu_si512(e.first + 16 * v));
#pragma GCC unroll 3
    for (int c = 0; c < 3; ++c) {
      if (c >= kept) join_column<P>(columns[c], rows, c * column, mask, x_part);
      add_taps(acc, columns[c], w + 4 * c);
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < 4; ++v) {
      if constexpr (kept > 0) columns[0][v] = columns[3 - kept][v];
      if constexpr (kept > 1) columns[1][v] = columns[2][v];
    }
    store_depthwise<P>(acc, e, count, y, y_part);
#pragma GCC unroll 3
    for (std::size_t row = 0; row < 3; ++row) rows[row] += x_step;
  }
}

/// Pixels of a window of 3 x 3, P at once. Returns how many.
template <int kept, int P, class Y>
int depthwise_at_once(const DepthwiseChannels<Y>& channels, const std::int8_t* const* at, int pixels, Y* y) {
  if (pixels >= P) depthwise_3x3<kept, P>(channels, at, pixels / P, y);
  return pixels / P * P;
}

/// Pixels inside of the map whose channels are 64 at most.
template <int kept, class Y>
void depthwise_inside(DepthwiseChannels<Y> channels, const std::int8_t* const* at, int pixels, Y* y) {
  int done = 0;
  if constexpr (kept >= 0) {
    const int at_once = std::is_same_v<Y, std::int8_t> ? depthwise_pixels(channels.count) : 1;
    if constexpr (std::is_same_v<Y, std::int8_t>) {
      if (at_once == 2) done = depthwise_at_once<kept, 2>(channels, at, pixels, y);
      if (at_once == 4) done = depthwise_at_once<kept, 4>(channels, at, pixels, y);
    }
    if (at_once == 1 && pixels > 1) done = depthwise_at_once<kept, 1>(channels, at, pixels, y);
  }
  channels.channel += done * channels.x_step;
  depthwise_any(channels, at, pixels - done, y + done * channels.y_step);
}

/// A row of pixels. `kept`: -1 for windows that are not 3 x 3.
template <int kept, class Y>
void depthwise_row(const Int8Depthwise& layer, DepthwiseTaps& taps, int width, Y* y) {
  for (int ox = 0, pixels = 0; ox < width; ox += pixels, y += static_cast<std::ptrdiff_t>(pixels) * layer.channels) {
    pixels = taps.go_to(ox);
    for (int first = 0; first < layer.channels; first += 64)
      depthwise_inside<kept>(DepthwiseChannels<Y>(layer, taps, first), taps.at.data(), pixels, y + first);
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
