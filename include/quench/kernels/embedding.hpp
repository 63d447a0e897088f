// SPDX-License-Identifier: Apache-2.0
// Rows of a table, looked up by indices. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// The row that an index names; below the first and after the last row the nearest one.
constexpr int row_at(std::int32_t index, int rows) { return index < 0 ? 0 : index < rows ? index : rows - 1; }

/// Copies the row of each index.
/// Shapes   indices [count], table [rows,size] -> y [count,size]
/// Units    table and y: int8 or int16 at s_y
/// Rounding none
/// Errors   none; an index outside [0, rows) counts as the nearest one inside; y overlaps nothing
/// Equals   table[clamp(indices[i], 0, rows - 1)]
/// Source   nash.md section 4
template <class Y>
constexpr void embedding(const std::int32_t* indices, const Y* table, Y* y, int count, int rows, int size) {
  static_assert(is_code<Y>);
  for (int i = 0; i < count; ++i) {
    const Y* row = table + static_cast<std::ptrdiff_t>(row_at(indices[i], rows)) * size;
    for (int c = 0; c < size; ++c) *y++ = row[c];
  }
}

}  // namespace quench::kernels
