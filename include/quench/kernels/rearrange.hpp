// SPDX-License-Identifier: Apache-2.0
// Operators that only move values: copy (also for reshape and flatten), permute, slice, pad.
//
// Zero has the code 0 at every scale, so the zeros of `pad` need no scale. Freestanding.
#pragma once

#include <quench/kernels/rows.hpp>
#include <quench/network/symbol.hpp>

namespace quench::kernels {

/// reshape and flatten: the same elements in the same order.
/// Shapes   x [count] -> y [count]
/// Errors   none; y is x or does not overlap it
template <class T>
constexpr void copy(const T* x, T* y, int count) {
  for (int i = 0; i < count; ++i) y[i] = x[i];
}

/// Axes in another order: axis i of y is axis order[i] of x.
/// Shapes   x any -> y, extent i = x[order[i]]; order names each axis once
/// Errors   none; y overlaps nothing
template <class T>
constexpr void permute(const T* x, const Shape& x_shape, const int* order, T* y) {
  const Strides strides = strides_of(x_shape);
  Shape shape = x_shape;
  Strides permuted;
  for (int axis = 0; axis < shape.rank; ++axis) {
    shape[axis] = x_shape[order[axis]];
    permuted[axis] = strides[order[axis]];
  }
  copy_strided(shape, x, permuted, y, strides_of(shape));
}

/// The part [begin, end) of an axis.
/// Shapes   x any -> y as x, but end - begin along the axis; 0 <= begin < end <= extent
/// Errors   none; y overlaps nothing
template <class T>
constexpr void slice(const T* x, const Shape& x_shape, int axis, int begin, int end, T* y) {
  Shape shape = x_shape;
  shape[axis] = end - begin;
  const Strides strides = strides_of(x_shape);
  copy_strided(shape, x + begin * strides[axis], strides, y, strides_of(shape));
}

/// Zeros around each axis.
/// Shapes   x any -> y, extent i = x[i] + before[i] + after[i]; none is negative
/// Errors   none; y overlaps nothing
template <class T>
constexpr void pad(const T* x, const Shape& x_shape, const int* before, const int* after, T* y) {
  Shape shape = x_shape;
  for (int axis = 0; axis < shape.rank; ++axis) shape[axis] += before[axis] + after[axis];
  const int count = count_of(shape, 0, shape.rank);
  for (int i = 0; i < count; ++i) y[i] = 0;
  const Strides strides = strides_of(shape);
  int first = 0;
  for (int axis = 0; axis < shape.rank; ++axis) first += before[axis] * strides[axis];
  copy_strided(x_shape, x, strides_of(x_shape), y + first, strides);
}

}  // namespace quench::kernels
