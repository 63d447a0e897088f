// SPDX-License-Identifier: Apache-2.0
// Combines two tensors element by element. An axis of extent 1 is broadcast, as in PyTorch. Shared by add, mul and
// maximum. Freestanding.
#pragma once

#include <quench/kernels/rows.hpp>
#include <quench/network/symbol.hpp>

namespace quench::kernels {

/// The strides of an operand: 0 along a broadcast axis.
constexpr Strides broadcast_strides(const Shape& shape) {
  Strides strides = strides_of(shape);
  for (int axis = 0; axis < shape.rank; ++axis)
    if (shape[axis] == 1) strides[axis] = 0;
  return strides;
}

/// y[i] = function(a[i], b[i]) for each index of the larger extents.
/// Errors   none; undefined unless ranks are equal, and along each axis the extents are equal or one of them is 1
template <class A, class B, class Y, class Function>
constexpr void combine(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y, Function function) {
  Shape shape = a_shape;
  for (int axis = 0; axis < shape.rank; ++axis)
    if (shape[axis] == 1) shape[axis] = b_shape[axis];
  const Strides a_strides = broadcast_strides(a_shape), b_strides = broadcast_strides(b_shape);
  const int last = shape.rank - 1, a_step = a_strides[last], b_step = b_strides[last];
  for_each_row(shape, a_strides, b_strides, [&](int at_a, int at_b) {
    const Function f = function;  // a copy that no store of a code can change
    const A* p = a + at_a;
    const B* q = b + at_b;
    for (Y* const end = y + shape[last]; y < end; p += a_step, q += b_step) *y++ = static_cast<Y>(f(*p, *q));
  });
}

}  // namespace quench::kernels
