// SPDX-License-Identifier: Apache-2.0
// A whole matrix product out of tiles.
//
// The depth is cut into blocks so that a panel stays in the first-level cache, and the rows into blocks that stay in
// the second. All cuts depend only on the shape, so the same inputs give the same bits anywhere.
#pragma once

#include <algorithm>
#include <cstddef>

#include <quench/host/float/pack.hpp>
#include <quench/host/float/tile.hpp>

namespace quench::host::detail {

/// c[i, n] = (add ? c[i, n] : 0) + bias[n] + sum over k of a[rows[i] + offsets[k]] * b[k, n].
struct Product {
  Isa isa = Isa::Baseline;
  Meets meets = Meets::AllColumns;
  const float* a = nullptr;
  const std::ptrdiff_t* rows = nullptr;
  std::size_t row_count = 0;
  const std::ptrdiff_t* offsets = nullptr;
  RightMatrix b;
  const float* bias = nullptr;  // or none; zeros after the last column, up to a whole vector
  float* c = nullptr;
  const std::ptrdiff_t* c_rows = nullptr;
  bool add = false;
  bool fours = false;  // offsets are consecutive in groups of four
};

// The rows are divided evenly among the tiles.
inline void multiply_panel(const Product& product, Panel panel, Tile tile, std::size_t first_row, std::size_t rows) {
  const std::size_t full = tile_rows(product.isa, panel.vectors);
  const std::size_t half = tile_rows(product.isa, panel.vectors, TileHeight::Half);
  const std::size_t tiles = (rows + full - 1) / full;
  TileFunction run = nullptr;
  std::size_t begin = first_row;
  for (std::size_t i = 0; i < tiles; ++i) {
    const std::size_t count = rows / tiles + (i < rows % tiles ? 1 : 0);
    if (run == nullptr || count != tile.row_count)
      run = tile_function(product.isa, product.meets, panel.vectors,
                          count > half ? TileHeight::Full
                          : count > 1  ? TileHeight::Half
                                       : TileHeight::One);
    tile.row_count = count;
    tile.rows = product.rows + begin;
    tile.c_rows = product.c_rows + begin;
    run(&tile);
    begin += count;
  }
}

inline void multiply(const Product& product) {
  constexpr std::size_t panel_floats = 6144, most_rows = 256;
  const std::size_t row_blocks = (product.row_count + most_rows - 1) / most_rows;
  for (std::size_t row_block = 0; row_block < row_blocks; ++row_block)
    for_each_panel(product.isa, product.b.columns, [&](Panel panel) {
      const std::size_t first_row = row_block * most_rows;
      const std::size_t width = static_cast<std::size_t>(panel.vectors) * lanes_of(product.isa);
      const std::size_t deepest = panel_floats / width;
      const std::size_t depth_blocks = std::max<std::size_t>((product.b.depth + deepest - 1) / deepest, 1);
      for (std::size_t depth_block = 0; depth_block < depth_blocks; ++depth_block) {
        const std::size_t begin = product.b.depth * depth_block / depth_blocks / 4 * 4;
        const bool last = depth_block + 1 == depth_blocks;
        const std::size_t end = last ? product.b.depth : product.b.depth * (depth_block + 1) / depth_blocks / 4 * 4;
        Tile tile;
        tile.a = product.a + (product.meets == Meets::ItsColumn ? panel.first : 0);
        tile.offsets = product.offsets + begin;
        tile.depth = end - begin;
        tile.b = product.b.at(panel, begin, width);
        tile.b_step = product.b.step == 0 ? width : product.b.step;
        tile.bias = product.bias != nullptr && depth_block == 0 ? product.bias + panel.first : nullptr;
        tile.c = product.c + panel.first;
        tile.columns = std::min(width, product.b.columns - panel.first);
        tile.add = product.add || depth_block > 0;
        tile.fours = product.fours;
        multiply_panel(product, panel, tile, first_row, std::min(most_rows, product.row_count - first_row));
      }
    });
}

}  // namespace quench::host::detail
