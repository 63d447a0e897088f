// SPDX-License-Identifier: Apache-2.0
// Walks over tensors of any rank, row by row: the loops over all axes except the last.
//
// Strides map an index to memory. A permuted tensor has its strides in another order, a broadcast axis has stride 0,
// and a part of a tensor has the strides of the whole. Freestanding.
#pragma once

#include <quench/types/shape.hpp>

namespace quench::kernels {

/// The distance in elements between neighbours along each axis.
struct Strides {
  int values[max_rank]{};

  constexpr int operator[](int axis) const { return values[axis]; }
  constexpr int& operator[](int axis) { return values[axis]; }
};

/// The strides of a contiguous tensor. The last axis varies fastest.
constexpr Strides strides_of(const Shape& shape) {
  Strides strides;
  int stride = 1;
  for (int axis = shape.rank - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/// The product of the extents [first_axis, last_axis). 32 bits suffice: the tensor fits the memory.
constexpr int count_of(const Shape& shape, int first_axis, int last_axis) {
  int count = 1;
  for (int axis = first_axis; axis < last_axis; ++axis) count *= shape[axis];
  return count;
}

/// Calls row(offset_a, offset_b) for each index of all axes except the last, in the order of memory.
/// Errors   none; undefined unless the rank and each extent are at least 1
template <class Row>
constexpr void for_each_row(const Shape& shape, const Strides& a, const Strides& b, Row row) {
  int index[max_rank]{};
  int at_a = 0, at_b = 0, axis = 0;
  do {
    row(at_a, at_b);
    for (axis = shape.rank - 2; axis >= 0; --axis) {
      at_a += a[axis];
      at_b += b[axis];
      if (++index[axis] < shape[axis]) break;
      at_a -= index[axis] * a[axis];
      at_b -= index[axis] * b[axis];
      index[axis] = 0;
    }
  } while (axis >= 0);
}

/// Copies a tensor of this shape from one set of strides to another.
template <class T>
constexpr void copy_strided(const Shape& shape, const T* x, const Strides& x_strides, T* y, const Strides& y_strides) {
  const int last = shape.rank - 1;
  for_each_row(shape, x_strides, y_strides, [&](int at_x, int at_y) {
    for (int i = 0; i < shape[last]; ++i) y[at_y + i * y_strides[last]] = x[at_x + i * x_strides[last]];
  });
}

}  // namespace quench::kernels
