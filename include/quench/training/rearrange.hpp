// SPDX-License-Identifier: Apache-2.0
// permute, slice and pad in float, forward and backward: maps elements of y to elements of x.
#pragma once

#include <algorithm>

#include <quench/training/operand.hpp>

namespace quench::training {

namespace detail {

/// Calls visit(offset in x, offset in y) for each element that both have.
template <class Visit>
void for_each_moved(const Call& call, Visit visit) {
  const Settings& s = call.settings();
  const Shape &x = call.x[0].shape, &y = call.y.shape;
  const auto x_strides = kernels::strides_of(x), y_strides = kernels::strides_of(y);
  Shape moved = y;  // the extents that are walked
  kernels::Strides from = x_strides, to = y_strides;
  std::ptrdiff_t x_begin = 0, y_begin = 0;
  for (int axis = 0; axis < y.rank; ++axis) {
    if (call.node->op == Operator::Permute) {
      from[axis] = x_strides[s.axes[axis]];
    } else if (call.node->op == Operator::Pad) {
      moved[axis] = x[axis];
      y_begin += static_cast<std::ptrdiff_t>(s.begin[axis]) * y_strides[axis];
    }
  }
  if (call.node->op == Operator::Slice) x_begin = static_cast<std::ptrdiff_t>(s.begin[0]) * x_strides[s.axes[0]];
  const int last = moved.rank - 1;
  for (int n = 0; n < call.samples; ++n)
    kernels::for_each_row(moved, from, to, [&](int at_x, int at_y) {
      for (int i = 0; i < moved[last]; ++i)
        visit(n * call.x[0].sample_size() + x_begin + at_x + i * from[last],
              n * call.y.sample_size() + y_begin + at_y + i * to[last]);
    });
}

}  // namespace detail

inline void move_forward(const Call& call) {
  if (call.node->op == Operator::Pad) std::fill_n(call.y.values, call.size(), 0.0f);
  detail::for_each_moved(call, [&](std::ptrdiff_t x, std::ptrdiff_t y) { call.y.values[y] = call.x[0].values[x]; });
}

inline void move_backward(const Call& call) {
  detail::for_each_moved(call,
                         [&](std::ptrdiff_t x, std::ptrdiff_t y) { call.x[0].gradient[x] += call.y.gradient[y]; });
}

}  // namespace quench::training
