// SPDX-License-Identifier: Apache-2.0
// Sum and mean over any axes of a tensor.
//
// Both are one sum in int32 and one requantization: from s_x to s_y for a sum, from s_x / n to s_y for a mean of n
// values. Keeping the axes with extent 1 (`keepdim`) changes nothing in memory. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/rows.hpp>

namespace quench::kernels {

/// The constants of a sum, or a mean, over axes.
struct Reduction {
  Shape x;
  bool is_reduced[max_rank]{};      // for each axis of x
  Requantization requantization{};  // ratio s_x / s_y for a sum, s_x / (n * s_y) for a mean
};

/// Sum, or mean, over the reduced axes.
/// Shapes   x any -> y the extents of the other axes
/// Units    x: int8 or int16 at s_x; the sum: int32 at s_x; y: int8 or int16 at s_y
/// Rounding as `requantize`
/// Errors   none; undefined unless n * 2^7 (int8; int16: 2^15) <= 2^31 - 1 for n values in a sum; y overlaps nothing
/// Equals   saturate(round(Σ x * s_x / s_y)), for a mean over n, within 1 for int8, within 3 for int16
/// Source   nash.md section 4
template <class X, class Y>
constexpr void reduce(const X* x, Y* y, const Reduction& reduction) {
  static_assert(is_code<X> && is_code<Y>);
  // Two shapes with the rank of x: the axes that stay, and the axes of the sum. All other extents are 1.
  Shape kept = reduction.x, summed = reduction.x;
  for (int axis = 0; axis < kept.rank; ++axis) (reduction.is_reduced[axis] ? kept : summed)[axis] = 1;
  const Strides strides = strides_of(reduction.x);
  const int last = kept.rank - 1;

  for_each_row(kept, strides, strides, [&](int row, int) {
    for (int i = 0; i < kept[last]; ++i) {
      std::int32_t sum = 0;
      for_each_row(summed, strides, strides, [&](int from, int) {
        for (int j = 0; j < summed[last]; ++j) sum += x[row + i + from + j];
      });
      *y++ = static_cast<Y>(requantize<bits_of<Y>>(sum, reduction.requantization));
    }
  });
}

}  // namespace quench::kernels
