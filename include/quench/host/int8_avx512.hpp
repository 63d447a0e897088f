// SPDX-License-Identifier: Apache-2.0
// Blocks of int8 layers (int8_block.hpp) on CPUs with AVX-512 VNNI.
//
// Tiles fill the registers: 6 pixels by 64 channels, or 8 by 32 or by 16. A tile too small to keep the multipliers busy
// sums every second, fourth or eighth quad by itself. Arrays of registers are indexed by constants, else they would
// lie in memory at some levels of optimization.
#pragma once

#include <cstring>

#include <quench/host/int8_codes_avx512.hpp>
#include <quench/host/int8_depthwise.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

/// The arrays of an epilogue from a channel on, where no store of a code changes them.
struct EpilogueArrays {
  const std::int32_t *sum_first, *first, *pre, *multiplier, *half, *post;
  const std::int16_t *narrow_multiplier, *narrow_half, *narrow_shift;
  std::int32_t low, high;

  EpilogueArrays(const Int8Epilogue& e, int channel, std::int32_t lowest, std::int32_t highest)
      : sum_first(e.sum_first.data() + channel),
        first(e.first.data() + channel),
        pre(e.pre.data() + channel),
        multiplier(e.multiplier.data() + channel),
        half(e.half.data() + channel),
        post(e.post.data() + channel),
        narrow_multiplier(e.narrow.multiplier.data() + 2 * channel),
        narrow_half(e.narrow.half.data() + 2 * channel),
        narrow_shift(e.narrow.shift.data() + 2 * channel),
        low(lowest),
        high(highest) {}
};

/// The first shift of sums that have its half.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i shifted(Sums acc, const EpilogueArrays& e, std::size_t channel) {
  return _mm512_maskz_srav_epi32(all_lanes, reinterpret_cast<__m512i>(acc), _mm512_loadu_si512(e.pre + channel));
}

/// Requantizes sums.
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i scaled(Sums acc, const EpilogueArrays& e, std::size_t channel) {
  // The upper half of a multiplier is 0, so this is the product of the lower halves.
  const __m512i product =
      _mm512_dpwssd_epi32(_mm512_loadu_si512(e.half + channel), held(shifted(acc, e, channel), -32768, 32767),
                          _mm512_loadu_si512(e.multiplier + channel));
  return _mm512_maskz_srav_epi32(all_lanes, product, _mm512_loadu_si512(e.post + channel));
}

/// Requantizes two vectors of sums, packed into one of 16-bit codes, of parts of both in turn.
template <bool narrow>
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i scaled_pair(Sums a, Sums b, const EpilogueArrays& e,
                                                               std::size_t a_channel, std::size_t b_channel) {
  if constexpr (!narrow) return _mm512_packs_epi32(scaled(a, e, a_channel), scaled(b, e, b_channel));
  const __m512i pair = _mm512_packs_epi32(shifted(a, e, a_channel), shifted(b, e, b_channel));
  return narrow_product(pair, e.narrow_multiplier, e.narrow_half, e.narrow_shift, 2 * a_channel);
}

/// The int8 codes of four vectors, which are those of 4 / V pixels: of parts of 128 bits of each in turn.
template <std::size_t V, bool narrow>
[[QUENCH_VNNI, gnu::always_inline]] inline __m512i code_bytes(Sums a, Sums b, Sums c, Sums d, const EpilogueArrays& e) {
  const __m512i codes = _mm512_packs_epi16(scaled_pair<narrow>(a, b, e, 0, 16 * (1 % V)),
                                           scaled_pair<narrow>(c, d, e, 16 * (2 % V), 16 * (3 % V)));
  return _mm512_max_epi8(_mm512_min_epi8(codes, _mm512_set1_epi8(static_cast<char>(e.high))),
                         _mm512_set1_epi8(static_cast<char>(e.low)));
}

/// Stores up to `count` of 16 * V bytes, the `part`-th so many of a vector.
template <std::size_t V, int part>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_bytes(__m512i bytes, int count, std::int8_t* y) {
  if constexpr (V == 4) {
    if (count >= 64) return _mm512_storeu_si512(y, bytes);
    _mm512_mask_storeu_epi8(y, (__mmask64{1} << count) - 1, bytes);
  } else if constexpr (V == 2) {
    const __m256i of_pixel = _mm512_maskz_extracti64x4_epi64(0xf, bytes, part);
    if (count >= 32) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), of_pixel);
    _mm256_mask_storeu_epi8(y, (__mmask32{1} << count) - 1, of_pixel);
  } else {
    const __m128i of_pixel = _mm512_maskz_extracti32x4_epi32(0xf, bytes, part);
    if (count >= 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(y), of_pixel);
    _mm_mask_storeu_epi8(y, static_cast<__mmask16>((1 << count) - 1), of_pixel);
  }
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

/// Stores what the sums of M pixels become. No loop over pixels: what is indexed by its variable would lie in memory.
template <std::size_t M, std::size_t V, bool narrow, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_pixels(const Sums* acc, const EpilogueArrays& e, int count, Y* y,
                                                             std::ptrdiff_t y_row) {
  constexpr std::size_t at_once = std::is_same_v<Y, std::int8_t> && M >= 4 / V ? 4 / V : 1;
  if constexpr (std::is_same_v<Y, std::int8_t>) {
    constexpr std::size_t size = at_once * V;
    const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
    const __m512i bytes = _mm512_maskz_permutexvar_epi32(
        all_lanes, order, code_bytes<V, narrow>(acc[0], acc[1 % size], acc[2 % size], acc[3 % size], e));
    store_bytes<V, 0>(bytes, count, y);
    if constexpr (at_once > 1) store_bytes<V, 1>(bytes, count, y + y_row);
    if constexpr (at_once > 2) store_bytes<V, 2>(bytes, count, y + 2 * y_row);
    if constexpr (at_once > 2) store_bytes<V, 3>(bytes, count, y + 3 * y_row);
  } else {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      __m512i codes = reinterpret_cast<__m512i>(acc[v]);
      if constexpr (!std::is_same_v<Y, std::int32_t>) codes = scaled(acc[v], e, 16 * v);
      store_wide(codes, e, count - static_cast<int>(16 * v), y + 16 * v);
    }
  }
  if constexpr (M > at_once)
    store_pixels<M - at_once, V, narrow>(acc + at_once * V, e, count, y + static_cast<int>(at_once) * y_row, y_row);
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
template <std::size_t M, std::size_t V, bool narrow, class Y>
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
  store_pixels<M, V, narrow>(acc, e, block.channels - channel,
                             block.y + static_cast<std::ptrdiff_t>(row) * block.y_row + channel, block.y_row);
}

template <std::size_t V, bool narrow, class Y>
[[QUENCH_VNNI, gnu::noinline]] void int8_columns(const Int8Block<Y>& block, int channel) {
  constexpr int most = V == 4 ? 6 : 8;
  int row = 0;
  for (; row + most <= block.m; row += most) int8_tile<most, V, narrow>(block, row, channel);
  if (row + 4 <= block.m) {
    int8_tile<4, V, narrow>(block, row, channel);
    row += 4;
  }
  if (row + 2 <= block.m) {
    int8_tile<2, V, narrow>(block, row, channel);
    row += 2;
  }
  if (row < block.m) int8_tile<1, V, narrow>(block, row, channel);
}

template <bool narrow, class Y>
void int8_columns(const Int8Block<Y>& block) {
  for (int channel = 0; channel < block.channels;) {
    const int vectors = int8_vectors((block.channels - channel + 15) / 16);
    if (vectors == 4)
      int8_columns<4, narrow>(block, channel);
    else if (vectors == 2)
      int8_columns<2, narrow>(block, channel);
    else
      int8_columns<1, narrow>(block, channel);
    channel += 16 * vectors;
  }
}

/// Computes a block. Only at Int8Level::Avx512Vnni.
/// Equals   clamp(requantize(bias + Σ x * w)), as the kernels do
template <class Y>
void int8_block_avx512(const Int8Block<Y>& block) {
  if constexpr (std::is_same_v<Y, std::int8_t>)
    if (block.epilogue->is_narrow()) return int8_columns<true>(block);
  int8_columns<false>(block);
}

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

/// Joins a column of a window of 3 x 3. The weights of the fourth tap are 0.
[[QUENCH_VNNI, gnu::always_inline]] inline void join_column(__m512i (&left)[4], const std::int8_t* const* taps,
                                                            std::ptrdiff_t at, __mmask64 mask) {
  const __m512i last = raised_tap(taps[6] + at, mask);
  join_taps(left, raised_tap(taps[0] + at, mask), raised_tap(taps[3] + at, mask), last, last);
}

/// Adds the products of four taps of 64 channels.
[[QUENCH_VNNI, gnu::always_inline]] inline void add_taps(Sums (&acc)[4], const __m512i (&left)[4], const __m512i* w) {
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v)
    acc[v] = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(acc[v]), left[v], w[v]));
}

/// Stores what the sums of one pixel become, whose channels are in the order of depthwise_place.
template <bool narrow, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void store_depthwise(const Sums (&acc)[4], const EpilogueArrays& e,
                                                                int count, Y* y) {
  if constexpr (std::is_same_v<Y, std::int8_t>)
    return store_bytes<4, 0>(code_bytes<4, narrow>(acc[0], acc[1], acc[2], acc[3], e), count, y);
  std::int32_t codes[64], in_order[64];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < 4; ++v) {
    const bool is_sum = std::is_same_v<Y, std::int32_t>;
    _mm512_storeu_si512(codes + 16 * v, is_sum ? reinterpret_cast<__m512i>(acc[v]) : scaled(acc[v], e, 16 * v));
  }
  for (int c = 0; c < 64; c += 4) std::memcpy(in_order + c, codes + depthwise_place(c), 16);
  for (int c = 0; c < 64; c += 16) store_wide(_mm512_loadu_si512(in_order + c), e, count - c, y + c);
}

/// A row of pixels. Windows of 3 x 3 keep their weights in registers, and `kept` columns, which the next pixel meets as
/// well; -1 stands for other windows.
template <bool narrow, int kept, class Y>
[[QUENCH_VNNI, gnu::noinline]] void depthwise_row(const Int8Depthwise& layer, DepthwiseTaps& taps, int width, Y* y) {
  constexpr bool by_columns = kept >= 0;
  const int quads = (layer.taps + 3) / 4, channels = layer.channels;
  const std::ptrdiff_t step = taps.step;
  const std::int8_t* weights = layer.weights;
  for (int channel = 0; channel < channels; channel += 64, weights += 256 * quads) {
    const EpilogueArrays e(*layer.epilogue, channel, layer.low, layer.high);
    const std::int32_t* first = std::is_same_v<Y, std::int32_t> ? e.sum_first : e.first;
    const int count = channels - channel;
    const __mmask64 mask = count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
    const std::int8_t* at[9];
    __m512i w[12], columns[3][4];
    if constexpr (by_columns) {
#pragma GCC unroll 12
      for (std::size_t i = 0; i < 12; ++i) w[i] = _mm512_loadu_si512(weights + 64 * i);
    }
    Y* to = y + channel;
    for (int ox = 0, pixels = 0; ox < width; ox += pixels) {
      pixels = taps.go_to(ox);
      if constexpr (by_columns) {
#pragma GCC unroll 9
        for (std::size_t i = 0; i < 9; ++i) at[i] = taps.at[i] + channel;
        if constexpr (kept > 0) join_column(columns[0], at, 0, mask);
        if constexpr (kept > 1) join_column(columns[1], at + 1, 0, mask);
      }
      std::ptrdiff_t offset = 0;
      for (int i = 0; i < pixels; ++i, offset += step, to += channels) {
        Sums acc[4];
#pragma GCC unroll 4
        for (std::size_t v = 0; v < 4; ++v) acc[v] = reinterpret_cast<Sums>(_mm512_loadu_si512(first + 16 * v));
        if constexpr (by_columns) {
#pragma GCC unroll 3
          for (int c = kept; c < 3; ++c) join_column(columns[c], at + c, offset, mask);
#pragma GCC unroll 3
          for (int c = 0; c < 3; ++c) add_taps(acc, columns[c], w + 4 * c);
#pragma GCC unroll 4
          for (std::size_t v = 0; v < 4; ++v) {
            if constexpr (kept > 0) columns[0][v] = columns[3 - kept][v];
            if constexpr (kept > 1) columns[1][v] = columns[2][v];
          }
        } else {
          for (int quad = 0; quad < quads; ++quad) {
#pragma GCC unroll 4
            for (std::size_t v = 0; v < 4; ++v)
              w[v] = _mm512_loadu_si512(weights + 256 * quad + 64 * static_cast<std::ptrdiff_t>(v));
            const auto tap = [&](int t) { return taps.at[static_cast<std::size_t>(4 * quad + t)] + channel + offset; };
            join_taps(columns[0], raised_tap(tap(0), mask), raised_tap(tap(1), mask), raised_tap(tap(2), mask),
                      raised_tap(tap(3), mask));
            add_taps(acc, columns[0], w);
          }
        }
        store_depthwise<narrow>(acc, e, count, to);
      }
    }
  }
}

template <bool narrow, int kept, class Y>
void depthwise_map(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  const Shape& shape = taps.conv->y;
  for (int oy = 0; oy < shape[0]; ++oy, y += shape[1] * shape[2]) {
    taps.start_row(oy);
    depthwise_row<narrow, kept>(layer, taps, shape[1], y);
  }
}

template <bool narrow, class Y>
void depthwise_map(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  const kernels::Window& window = taps.conv->window;
  const int stride = window.dilation.width == 1 ? window.stride.width : 3;
  if (window.kernel_size != 3) return depthwise_map<narrow, -1>(layer, taps, y);
  if (stride == 1) return depthwise_map<narrow, 2>(layer, taps, y);
  if (stride == 2) return depthwise_map<narrow, 1>(layer, taps, y);
  depthwise_map<narrow, 0>(layer, taps, y);
}

/// Computes a depthwise convolution of a map. Only at Int8Level::Avx512Vnni.
template <class Y>
void int8_depthwise_avx512(const Int8Depthwise& layer, DepthwiseTaps& taps, Y* y) {
  if constexpr (std::is_same_v<Y, std::int8_t>)
    if (layer.epilogue->is_narrow()) return depthwise_map<true>(layer, taps, y);
  depthwise_map<false>(layer, taps, y);
}

#undef QUENCH_VNNI

#else

template <class Y>
void int8_block_avx512(const Int8Block<Y>&) {}  // never called
template <class Y>
void int8_depthwise_avx512(const Int8Depthwise&, DepthwiseTaps&, Y*) {}

#endif

}  // namespace quench::host::detail
