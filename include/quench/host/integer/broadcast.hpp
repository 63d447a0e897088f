// SPDX-License-Identifier: Apache-2.0
// Operands brought to the shape and the type of a result, so that loops over elements need to know nothing of either.
#pragma once

#include <algorithm>

#include <quench/host/dispatch.hpp>
#include <quench/kernels/elementwise.hpp>

namespace quench::host {

namespace detail {

struct FillLoop {
  template <class T>
  [[gnu::always_inline]] static void run(T value, T* y, int count) {
    for (int i = 0; i < count; ++i) y[i] = value;
  }
};

}  // namespace detail

/// A tensor repeated along the axes that have one element, where `shape` has more.
template <class T>
void broadcast(const T* x, const Shape& x_shape, const Shape& shape, T* y) {
  const kernels::Strides strides = kernels::broadcast_strides(x_shape);
  const int last = shape.rank - 1, row = shape[last], step = strides[last];
  kernels::for_each_row(shape, strides, strides, [&](int at, int) {
    if (step == 0)
      dispatch<detail::FillLoop>(x[at], y, row);
    else
      std::copy_n(x + at, row, y);
    y += row;
  });
}

}  // namespace quench::host
