// SPDX-License-Identifier: Apache-2.0
// Blocks of int8 layers (int8/block.hpp) on CPUs with AVX-512 VNNI.
//
// Tiles fill the registers: 6 pixels by 64 channels, or 8 by 32 or by 16. A tile too small to keep the multipliers busy
// sums every second, fourth or eighth quad by itself. Arrays of registers are indexed by constants, else they would
// lie in memory at some levels of optimization.
#pragma once

#include <quench/host/int8/epilogue_avx512.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,tune=skylake-avx512")

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

/// A block from a vector of channels on, in variables that no store changes.
template <class Y>
struct Int8Columns {
  const std::uint8_t* a;
  const std::int32_t* quad_offsets;
  std::ptrdiff_t quads;
  const std::int8_t* weights;
  int count;
  std::ptrdiff_t y_row;
  EpilogueArrays e;

  Int8Columns(const Int8Block<Y>& block, int channel)
      : a(block.a),
        quad_offsets(block.quad_offsets),
        quads(block.quads),
        weights(block.weights + 4 * channel * quads),
        count(block.channels - channel),
        y_row(block.y_row),
        e(*block.epilogue, block.first_channel + channel, block.low, block.high) {}
};

/// The sums of M pixels and V vectors.
template <std::size_t M, std::size_t V, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void int8_tile(const Int8Columns<Y>& columns, const std::int32_t* rows,
                                                          Y* y) {
  constexpr std::size_t size = M * V, chains = size >= 8 ? 1 : 8 / size;
  const std::int32_t* first = std::is_same_v<Y, std::int32_t> ? columns.e.sum_first : columns.e.first;
  Sums acc[chains * size];
#pragma GCC unroll 32
  for (std::size_t i = 0; i < size; ++i) acc[i] = reinterpret_cast<Sums>(_mm512_loadu_si512(first + 16 * (i % V)));
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) acc[i] = Sums{};
  const std::uint8_t* a[M];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) a[i] = columns.a + rows[i];
  const std::int8_t* w = columns.weights;
  const std::int32_t* at = columns.quad_offsets;
  const std::int32_t *end = at + columns.quads,
                     *end_of_all = at + columns.quads / std::ptrdiff_t{chains} * std::ptrdiff_t{chains};
  for (; at < end_of_all; at += chains, w += chains * 64 * V) {
#pragma GCC unroll 8
    for (std::size_t k = 0; k < chains; ++k) add_quad<M, V>(acc + k * size, a, at[k], w + k * 64 * V);
  }
  if constexpr (chains > 1)
    for (; at < end; ++at, w += 64 * V) add_quad<M, V>(acc, a, *at, w);
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) acc[i % size] += acc[i];
  store_pixels<M, V>(acc, columns.e, columns.count, y, columns.y_row);
}

template <std::size_t V, class Y>
[[QUENCH_VNNI, gnu::noinline]] void int8_columns(const Int8Block<Y>& block, int channel) {
  constexpr int most = V == 4 ? 6 : 8;
  const Int8Columns<Y> columns(block, channel);
  const std::int32_t* rows = block.rows;
  Y* y = block.y + channel;
  int left = block.m;
  for (; left >= most; left -= most, rows += most, y += most * columns.y_row) int8_tile<most, V>(columns, rows, y);
  if (left >= 4) {
    int8_tile<4, V>(columns, rows, y);
    left -= 4, rows += 4, y += 4 * columns.y_row;
  }
  if (left >= 2) {
    int8_tile<2, V>(columns, rows, y);
    left -= 2, rows += 2, y += 2 * columns.y_row;
  }
  if (left > 0) int8_tile<1, V>(columns, rows, y);
}

/// Computes a block: int8 codes by narrow records, or sums. Only at a level of AVX-512.
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

#undef QUENCH_VNNI

#else

template <class Y>
void int8_block_avx512(const Int8Block<Y>&) {}  // never called

#endif

}  // namespace quench::host::detail
