// SPDX-License-Identifier: Apache-2.0
// The inner loop of float training: a small tile of a matrix product, in registers.
//
// Two tables find the rows of the left matrix: element k of row i is a[rows[i] + offsets[k]]. So one loop serves plain
// and transposed matrices, convolutions and their gradients, without copies of the windows. In a convolution rows are
// pixels, and k runs over the taps and channels of a window. The right matrix is packed, with the columns of a tile
// side by side. One value of the left matrix is multiplied by V vectors of the right one, for 8 rows at a time (fewer
// with 16 registers). That is enough to multiply at the CPU's peak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <quench/host/dispatch.hpp>
#include <quench/network/symbol.hpp>

namespace quench::host::detail {

/// c[i, n] = (add ? c[i, n] : 0) + bias[n] + sum over k of a[rows[i] + offsets[k]] * b[k, n].
struct Tile {
  const float* a = nullptr;
  const std::ptrdiff_t* rows = nullptr;
  const std::ptrdiff_t* offsets = nullptr;
  std::size_t depth = 0;
  const float* b = nullptr;  // as wide as the tile, whatever `columns` is
  std::size_t b_step = 0;
  const float* bias = nullptr;  // or none; as wide as the tile
  float* c = nullptr;           // row i starts at c[c_rows[i]]
  const std::ptrdiff_t* c_rows = nullptr;
  std::size_t row_count = 0, columns = 0;  // up to the size of the tile
  bool add = false;
  bool fours = false;  // offsets are consecutive in groups of four
};

/// How the left matrix is multiplied by a vector of columns: one value for all columns, or one for each (depthwise).
enum class Meets : unsigned char { AllColumns, ItsColumn };

/// The heights for which tiles of a width are compiled.
enum class TileHeight : unsigned char { Full, Half, One };

inline constexpr int widest_tile = 3;  // vectors

constexpr std::size_t tile_rows(Isa isa, int vectors, TileHeight height = TileHeight::Full) {
  const std::size_t full = isa == Isa::Avx512 || vectors == 1 ? 8 : vectors == 2 ? 6 : 4;
  return height == TileHeight::Full ? full : height == TileHeight::Half ? full / 2 + 1 : 1;
}

constexpr std::size_t lanes_of(Isa isa) {
  return isa == Isa::Avx512 ? FloatVector<Isa::Avx512>::lanes
         : isa == Isa::Avx2 ? FloatVector<Isa::Avx2>::lanes
                            : FloatVector<Isa::Baseline>::lanes;
}

template <int V, TileHeight height, Meets meets>
struct TileKernel {
  template <Isa isa>
  [[gnu::always_inline]] static inline void run(const Tile* tile) {
    using Vector = typename FloatVector<isa>::type;
    constexpr std::size_t lanes = lanes_of(isa), vectors = V, count = tile_rows(isa, V, height);
    Vector sums[count][vectors];
    const float* a[count];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < count; ++i) {
      a[i] = tile->a + tile->rows[i < tile->row_count ? i : tile->row_count - 1];
#pragma GCC unroll 3
      for (std::size_t v = 0; v < vectors; ++v) sums[i][v] = Vector{};
    }
    // Prefetch the values that the sums are added to.
#pragma GCC unroll 8
    for (std::size_t i = 0; i < count; ++i) {
      const auto c = reinterpret_cast<std::uintptr_t>(tile->c + tile->c_rows[i < tile->row_count ? i : 0]);
#pragma GCC unroll 3
      for (std::size_t byte = 0; byte < sizeof sums[0]; byte += 64) prefetch(c + byte);
      prefetch(c + sizeof sums[0] - 1);
    }
    constexpr bool has_fours = has_sums_of_fours(isa) && V == 1 && count == 8 && meets == Meets::AllColumns;
    if (has_fours && tile->fours) {
      alignas(64) float whole[count * vectors * lanes];
      sums_of_fours(a, tile->offsets, tile->depth, tile->b, whole);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < count; ++i) std::memcpy(&sums[i][0], whole + i * lanes, sizeof(Vector));
    } else {
      const float* b = tile->b;
      const std::size_t b_step = tile->b_step;
      const std::ptrdiff_t* const end = tile->offsets + tile->depth;
      for (const std::ptrdiff_t* offset = tile->offsets; offset != end; ++offset, b += b_step) {
        const std::ptrdiff_t k = *offset;
        Vector columns[vectors];
#pragma GCC unroll 3
        for (std::size_t v = 0; v < vectors; ++v) std::memcpy(&columns[v], b + v * lanes, sizeof(Vector));
#pragma GCC unroll 8
        for (std::size_t i = 0; i < count; ++i) {
          if constexpr (meets == Meets::AllColumns) {
            const float value = a[i][k];
#pragma GCC unroll 3
            for (std::size_t v = 0; v < vectors; ++v) sums[i][v] += value * columns[v];
          } else {
#pragma GCC unroll 3
            for (std::size_t v = 0; v < vectors; ++v) {
              Vector values;
              std::memcpy(&values, a[i] + k + v * lanes, sizeof values);
              sums[i][v] += values * columns[v];
            }
          }
        }
      }
    }
    if (tile->bias != nullptr) {
#pragma GCC unroll 3
      for (std::size_t v = 0; v < vectors; ++v) {
        Vector bias;
        std::memcpy(&bias, tile->bias + v * lanes, sizeof bias);
#pragma GCC unroll 8
        for (std::size_t i = 0; i < count; ++i) sums[i][v] += bias;
      }
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= tile->row_count) continue;
      const bool whole = tile->columns == vectors * lanes;
      float* const c = tile->c + tile->c_rows[i];
      float part[vectors * lanes] = {};
      if (!whole && tile->add) std::memcpy(part, c, tile->columns * sizeof(float));
      float* const to = whole ? c : part;
#pragma GCC unroll 3
      for (std::size_t v = 0; v < vectors; ++v) {
        float* const at = to + v * lanes;
        Vector sum{};
        if (tile->add) std::memcpy(&sum, at, sizeof sum);
        sum += sums[i][v];
        std::memcpy(at, &sum, sizeof sum);
      }
      if (!whole) std::memcpy(c, part, tile->columns * sizeof(float));
    }
  }
};

using TileFunction = void (*)(const Tile*);

template <int V, Meets meets>
TileFunction tile_function(Isa isa, TileHeight height) {
  switch (height) {
    case TileHeight::Full: return vector_kernel<TileKernel<V, TileHeight::Full, meets>, const Tile*>(isa);
    case TileHeight::Half: return vector_kernel<TileKernel<V, TileHeight::Half, meets>, const Tile*>(isa);
    case TileHeight::One: break;
  }
  constexpr TileHeight lowest = meets == Meets::AllColumns ? TileHeight::One : TileHeight::Half;
  return vector_kernel<TileKernel<V, lowest, meets>, const Tile*>(isa);
}

inline TileFunction tile_function(Isa isa, Meets meets, int vectors, TileHeight height) {
  if (meets == Meets::ItsColumn)
    return vectors == 1   ? tile_function<1, Meets::ItsColumn>(isa, height)
           : vectors == 2 ? tile_function<2, Meets::ItsColumn>(isa, height)
                          : tile_function<3, Meets::ItsColumn>(isa, height);
  return vectors == 1   ? tile_function<1, Meets::AllColumns>(isa, height)
         : vectors == 2 ? tile_function<2, Meets::AllColumns>(isa, height)
                        : tile_function<3, Meets::AllColumns>(isa, height);
}

}  // namespace quench::host::detail
