// SPDX-License-Identifier: Apache-2.0
// Concatenates tensors along an axis, each converted to the scale of the result.
//
// One call writes one input, so inputs may differ in type, and there may be any number of them. Freestanding.
#pragma once

#include <quench/kernels/requantize.hpp>
#include <quench/kernels/rows.hpp>

namespace quench::kernels {

/// Writes x into y, at [begin, begin + extent) of the axis.
/// Shapes   x as y except along the axis; begin + extent of x <= extent of y along it
/// Units    x: int8 or int16 at s_x; y: int8 or int16 at s_y
/// Rounding as `requantize`; with `same_scale` codes are copied
/// Errors   none; x overlaps nothing
/// Returns  where the next input begins
/// Source   nash.md section 4
template <class X, class Y>
constexpr int cat(const X* x, const Shape& x_shape, Y* y, const Shape& y_shape, int axis, int begin,
                  const Requantization& requantization = same_scale) {
  static_assert(is_code<X> && is_code<Y>);
  // From the axis on, elements are contiguous in x and in y.
  const int runs = count_of(x_shape, 0, axis), inner = count_of(x_shape, axis + 1, x_shape.rank);
  const int length = x_shape[axis] * inner, y_step = y_shape[axis] * inner;
  for (int run = 0; run < runs; ++run)
    requantize_tensor<bits_of<Y>>(x + run * length, y + run * y_step + begin * inner, length, requantization);
  return begin + x_shape[axis];
}

}  // namespace quench::kernels
