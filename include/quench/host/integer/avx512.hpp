// SPDX-License-Identifier: Apache-2.0
// Blocks of integer layers (integer/block.hpp) on CPUs with AVX-512 VNNI.
//
// vpdpbusd adds the products of four int8 codes to a sum, vpdpwssd those of two int16 codes.
// Tiles fill the registers: 6 pixels by 64 channels, or 8 by 32 or by 16. A tile too small to keep the multipliers busy
// sums every second, fourth or eighth quad by itself. Arrays of registers are indexed by constants, else they would
// lie in memory at some levels of optimization.
#pragma once

#include <quench/host/int8/epilogue_avx512.hpp>
#include <quench/host/integer/block.hpp>

namespace quench::host::detail {

#if defined(__x86_64__) && defined(__GNUC__)

#define QUENCH_VNNI gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,tune=skylake-avx512")

/// Adds the products of one quad of M pixels and V vectors of channels.
template <std::size_t M, std::size_t V, class Code>
[[QUENCH_VNNI, gnu::always_inline]] inline void add_quad(Sums* acc, const Code* const* a, std::ptrdiff_t at,
                                                         const Code* w) {
  __m512i right[V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) right[v] = _mm512_loadu_si512(w + 16 * codes_of_quad<Code> * v);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) {
    std::int32_t four = 0;
    std::memcpy(&four, a[i] + at, 4);
    const __m512i left = _mm512_set1_epi32(four);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      const auto sums = reinterpret_cast<__m512i>(acc[i * V + v]);
      if constexpr (std::is_same_v<Code, std::int8_t>)
        acc[i * V + v] = reinterpret_cast<Sums>(_mm512_dpbusd_epi32(sums, left, right[v]));
      else
        acc[i * V + v] = reinterpret_cast<Sums>(_mm512_dpwssd_epi32(sums, left, right[v]));
    }
  }
}

/// A block from a vector of channels on, in variables that no store changes.
template <class Code, class Y>
struct BlockColumns {
  const Code* a;
  const std::int32_t* quad_offsets;
  std::ptrdiff_t quads;
  const Code* weights;
  int count;
  std::ptrdiff_t y_row;
  EpilogueArrays<Y> e;

  [[gnu::always_inline]] BlockColumns(const Block<Code, Y>& block, int channel)
      : a(block.a),
        quad_offsets(block.quad_offsets),
        quads(block.quads),
        weights(block.weights + codes_of_quad<Code> * channel * quads),
        count(block.channels - channel),
        y_row(block.y_row),
        e(*block.epilogue, block.first_channel + channel, block.low, block.high) {}
};

/// The sums of M pixels and V vectors.
template <std::size_t M, std::size_t V, class Code, class Y>
[[QUENCH_VNNI, gnu::always_inline]] inline void tile_avx512(const BlockColumns<Code, Y>& columns,
                                                            const std::int32_t* rows, Y* y) {
  constexpr std::size_t size = M * V, chains = size >= 8 ? 1 : 8 / size, step = 16 * codes_of_quad<Code> * V;
  Sums acc[chains * size];
#pragma GCC unroll 32
  for (std::size_t i = 0; i < size; ++i)
    acc[i] = reinterpret_cast<Sums>(_mm512_loadu_si512(columns.e.first + 16 * (i % V)));
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) acc[i] = Sums{};
  const Code* a[M];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) a[i] = columns.a + rows[i];
  const Code* w = columns.weights;
  const std::int32_t* at = columns.quad_offsets;
  const std::int32_t *end = at + columns.quads,
                     *end_of_all = at + columns.quads / std::ptrdiff_t{chains} * std::ptrdiff_t{chains};
  for (; at < end_of_all; at += chains, w += chains * step) {
#pragma GCC unroll 8
    for (std::size_t k = 0; k < chains; ++k) add_quad<M, V>(acc + k * size, a, at[k], w + k * step);
  }
  if constexpr (chains > 1)
    for (; at < end; ++at, w += step) add_quad<M, V>(acc, a, *at, w);
#pragma GCC unroll 8
  for (std::size_t i = size; i < chains * size; ++i) acc[i % size] += acc[i];
  store_pixels<M, V>(acc, columns.e, columns.count, y, columns.y_row);
}

template <std::size_t V, class Code, class Y>
[[QUENCH_VNNI, gnu::noinline]] void columns_avx512(const Block<Code, Y>& block, int channel) {
  constexpr int most = V == 4 ? 6 : 8;
  const BlockColumns<Code, Y> columns(block, channel);
  const std::int32_t* rows = block.rows;
  Y* y = block.y + channel;
  int left = block.m;
  for (; left >= most; left -= most, rows += most, y += most * columns.y_row) tile_avx512<most, V>(columns, rows, y);
  if (left >= 4) {
    tile_avx512<4, V>(columns, rows, y);
    left -= 4, rows += 4, y += 4 * columns.y_row;
  }
  if (left >= 2) {
    tile_avx512<2, V>(columns, rows, y);
    left -= 2, rows += 2, y += 2 * columns.y_row;
  }
  if (left > 0) tile_avx512<1, V>(columns, rows, y);
}

/// Computes a block: int8 codes by narrow records, or sums. Only at a level of AVX-512.
/// Equals   clamp(requantize(bias + Σ x * w)), as the kernels do
template <class Code, class Y>
void block_avx512(const Block<Code, Y>& block) {
  for (int channel = 0; channel < block.channels;) {
    const int vectors = vectors_at_once((block.channels - channel + 15) / 16);
    if (vectors == 4)
      columns_avx512<4>(block, channel);
    else if (vectors == 2)
      columns_avx512<2>(block, channel);
    else
      columns_avx512<1>(block, channel);
    channel += 16 * vectors;
  }
}

#undef QUENCH_VNNI

#else

template <class Code, class Y>
void block_avx512(const Block<Code, Y>&) {}  // never called

#endif

}  // namespace quench::host::detail
