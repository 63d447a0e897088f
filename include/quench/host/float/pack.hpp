// SPDX-License-Identifier: Apache-2.0
// The right matrix of a product in the order in which tiles read it, and the memory for such copies.
//
// Columns are packed into panels as wide as a tile. The rows of a panel are contiguous, with zeros after the last
// column. So a tile reads memory once, in order and in whole cache lines.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <quench/host/float/tile.hpp>
#include <quench/host/scratch.hpp>

namespace quench::host::detail {

inline std::size_t whole_vectors(Isa isa, std::size_t columns) {
  return (columns + lanes_of(isa) - 1) / lanes_of(isa) * lanes_of(isa);
}

/// Some columns of a matrix: the first one, and how many vectors.
struct Panel {
  std::size_t first = 0;
  int vectors = 0;
};

template <class F>
void for_each_panel(Isa isa, std::size_t columns, F f) {
  std::size_t left = whole_vectors(isa, columns) / lanes_of(isa);
  for (std::size_t first = 0; left > 0;) {
    const int vectors = left == 4 ? 2 : static_cast<int>(std::min<std::size_t>(left, widest_tile));
    f(Panel{first, vectors});
    first += static_cast<std::size_t>(vectors) * lanes_of(isa);
    left -= static_cast<std::size_t>(vectors);
  }
}

/// A right matrix before it is packed: element [k, n] is b[offsets[k] + n * step].
struct Columns {
  const float* b = nullptr;
  const std::ptrdiff_t* offsets = nullptr;
  std::size_t depth = 0;
  std::size_t columns = 0;
  std::ptrdiff_t step = 1;
};

// Contiguous rows of whole vectors.
template <int V>
struct PackKernel {
  template <Isa isa>
  [[gnu::always_inline]] static inline void run(const Columns* from, float* to) {
    using Vector = typename FloatVector<isa>::type;
    for (std::size_t k = 0; k < from->depth; ++k) {
#pragma GCC unroll 3
      for (std::size_t v = 0; v < V; ++v) {
        Vector values;
        std::memcpy(&values, from->b + from->offsets[k] + v * lanes_of(isa), sizeof values);
        std::memcpy(to + (k * V + v) * lanes_of(isa), &values, sizeof values);
      }
    }
  }
};

inline void pack(Isa isa, const Columns& from, float* to) {
  if (from.depth == 0) return;  // b may be null
  for_each_panel(isa, from.columns, [&](Panel panel) {
    const std::size_t width = static_cast<std::size_t>(panel.vectors) * lanes_of(isa);
    const std::size_t filled = std::min(width, from.columns - panel.first);
    Columns part = from;
    part.b += static_cast<std::ptrdiff_t>(panel.first) * from.step;
    if (from.step == 1 && filled == width) {
      const auto run = panel.vectors == 1   ? vector_kernel<PackKernel<1>, const Columns*, float*>(isa)
                       : panel.vectors == 2 ? vector_kernel<PackKernel<2>, const Columns*, float*>(isa)
                                            : vector_kernel<PackKernel<3>, const Columns*, float*>(isa);
      run(&part, to);
      to += from.depth * width;
      return;
    }
    // A few rows of each column at a time: reads share cache lines, and writes stay in the first-level cache.
    constexpr std::size_t few = 16;
    for (std::size_t k = 0; k < from.depth; k += few) {
      const std::size_t end = std::min(k + few, from.depth);
      for (std::size_t n = 0; n < filled; ++n) {
        const float* const column = part.b + static_cast<std::ptrdiff_t>(n) * from.step;
        for (std::size_t i = k; i < end; ++i) to[i * width + n] = column[from.offsets[i]];
      }
      for (std::size_t i = k; i < end; ++i) std::fill(to + i * width + filled, to + (i + 1) * width, 0.0f);
    }
    to += from.depth * width;
  });
}

/// Adds rows of some whole vectors, `step` apart, to sums of that width.
struct SumRowsKernel {
  template <Isa isa>
  [[gnu::always_inline]] static inline void run(const float* rows, std::size_t depth, std::size_t step,
                                                std::size_t width, float* sums) {
    using Vector = typename FloatVector<isa>::type;
    for (std::size_t first = 0; first < width; first += lanes_of(isa)) {
      constexpr std::size_t ways = 4;
      Vector parts[ways] = {};
      const auto add = [&](std::size_t k, std::size_t way) __attribute__((always_inline)) {
        Vector values;
        std::memcpy(&values, rows + k * step + first, sizeof values);
        parts[way] += values;
      };
      std::size_t k = 0;
      for (; k + ways <= depth; k += ways) {
#pragma GCC unroll 4
        for (std::size_t way = 0; way < ways; ++way) add(k + way, way);
      }
      for (; k < depth; ++k) add(k, 0);
      Vector sum;
      std::memcpy(&sum, sums + first, sizeof sum);
      sum += (parts[0] + parts[1]) + (parts[2] + parts[3]);
      std::memcpy(sums + first, &sum, sizeof sum);
    }
  }
};

/// A right matrix: packed, or in place with rows of whole vectors `step` apart.
struct RightMatrix {
  const float* data = nullptr;
  std::size_t depth = 0, columns = 0;
  std::size_t step = 0;  // 0 means packed

  const float* at(Panel panel, std::size_t k, std::size_t width) const {
    return step == 0 ? data + depth * panel.first + k * width : data + k * step + panel.first;
  }
};

/// Adds all rows to sums: blocks of rows in float, and the blocks in double.
inline void sum_rows(Isa isa, const RightMatrix& matrix, double* sums) {
  const auto run = vector_kernel<SumRowsKernel, const float*, std::size_t, std::size_t, std::size_t, float*>(isa);
  for_each_panel(isa, matrix.columns, [&](Panel panel) {
    const std::size_t width = static_cast<std::size_t>(panel.vectors) * lanes_of(isa);
    constexpr std::size_t block = 256, widest = 16 * widest_tile;
    for (std::size_t k = 0; k < matrix.depth; k += block) {
      float found[widest] = {};
      run(matrix.at(panel, k, width), std::min(block, matrix.depth - k), matrix.step == 0 ? width : matrix.step, width,
          found);
      for (std::size_t n = 0; n < width; ++n) sums[panel.first + n] += static_cast<double>(found[n]);
    }
  });
}

}  // namespace quench::host::detail
