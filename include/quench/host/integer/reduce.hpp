// SPDX-License-Identifier: Apache-2.0
// Sums and means over any axes: what kernels/reduce.hpp defines, equal bit for bit.
//
// Neighbouring axes that all stay, or are all summed, count as one. The last two of these make matrices that are
// contiguous in memory: the sums of their rows or of their columns are plain loops that compilers vectorise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <quench/host/integer/elementwise.hpp>
#include <quench/host/scratch.hpp>
#include <quench/kernels/reduce.hpp>

namespace quench::host {

namespace detail {

/// sums[i] += the sum of row i.
struct RowTotalsLoop {
  template <class X>
  [[gnu::always_inline]] static void run(const X* x, std::int32_t* sums, std::size_t rows, std::size_t columns) {
    for (std::size_t row = 0; row < rows; ++row, x += columns) {
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < columns; ++i) sum += x[i];
      sums[row] += sum;
    }
  }
};

/// sums[i] += the sum of column i. Sums of a part of the columns stay in registers.
struct ColumnTotalsLoop {
  static constexpr std::size_t part = 64;

  template <class X>
  [[gnu::always_inline]] static void run(const X* x, std::int32_t* sums, std::size_t rows, std::size_t columns) {
    std::size_t first = 0;
    for (; first + part <= columns; first += part) {
      std::int32_t of_part[part]{};
      for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t i = 0; i < part; ++i) of_part[i] += x[row * columns + first + i];
      for (std::size_t i = 0; i < part; ++i) sums[first + i] += of_part[i];
    }
    for (std::size_t row = 0; first < columns && row < rows; ++row)
      for (std::size_t i = first; i < columns; ++i) sums[i] += x[row * columns + i];
  }
};

}  // namespace detail

/// kernels::reduce, then held in [low, high].
template <class X, class Y>
void reduce(const X* x, Y* y, const kernels::Reduction& reduction, std::int32_t low = INT32_MIN,
            std::int32_t high = INT32_MAX, Isa isa = best_isa()) {
  const Shape& shape = reduction.x;
  int axis = shape.rank;
  // Takes the last axes that are all of one kind. One element is of both kinds.
  const auto take = [&](bool is_reduced) {
    std::size_t extent = 1;
    for (; axis > 0 && (reduction.is_reduced[axis - 1] == is_reduced || shape[axis - 1] == 1); --axis)
      extent *= static_cast<std::size_t>(shape[axis - 1]);
    return extent;
  };
  int last = shape.rank - 1;
  while (last > 0 && shape[last] == 1) --last;
  const bool sums_rows = reduction.is_reduced[last];
  const std::size_t columns = take(sums_rows), rows = take(!sums_rows), count = sums_rows ? rows : columns;

  // The axes before those of the matrix, and one more of extent 1 for the walk.
  Shape kept, summed;
  kept.rank = summed.rank = axis + 1;
  kept[axis] = summed[axis] = 1;
  for (int i = 0; i < axis; ++i) {
    kept[i] = reduction.is_reduced[i] ? 1 : shape[i];
    summed[i] = reduction.is_reduced[i] ? shape[i] : 1;
  }
  const kernels::Strides strides = kernels::strides_of(shape);
  const detail::Rescaling<Y> rescaling(reduction.requantization, low, high);
  auto* const sums = detail::scratch<detail::Scratch::Accumulators, std::int32_t>(count);
  kernels::for_each_row(kept, strides, strides, [&](int to, int) {
    std::fill_n(sums, count, 0);
    kernels::for_each_row(summed, strides, strides, [&](int from, int) {
      if (sums_rows)
        run_for<detail::RowTotalsLoop>(isa, x + to + from, sums, rows, columns);
      else
        run_for<detail::ColumnTotalsLoop>(isa, x + to + from, sums, rows, columns);
    });
    run_for<detail::RescaleLoop>(isa, static_cast<const std::int32_t*>(sums), y, count, 1, 0, rescaling);
    y += count;
  });
}

}  // namespace quench::host
