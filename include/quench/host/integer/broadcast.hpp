// SPDX-License-Identifier: Apache-2.0
// Operands brought to the shape and the type of a result, so that loops over elements need to know nothing of either.
#pragma once

#include <algorithm>

#include <quench/kernels/elementwise.hpp>

namespace quench::host {

/// A tensor repeated along the axes that have one element, where `shape` has more.
template <class T>
void broadcast(const T* x, const Shape& x_shape, const Shape& shape, T* y) {
  const kernels::Strides strides = kernels::broadcast_strides(x_shape);
  const int last = shape.rank - 1, row = shape[last], step = strides[last];
  kernels::for_each_row(shape, strides, strides, [&](int at, int) {
    if (step == 0)
      std::fill_n(y, row, x[at]);
    else
      std::copy_n(x + at, row, y);
    y += row;
  });
}

}  // namespace quench::host
