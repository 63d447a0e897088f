// SPDX-License-Identifier: Apache-2.0
// The walk over two arrays that are broadcast to a common shape, as in NumPy. Elementwise operators, gradients of
// broadcast operands, sums over axes and batches of matrices all use it.
#pragma once

#include <array>
#include <cstddef>

#include <quench/ground/compiled.hpp>
#include <quench/tensors/float_tensor.hpp>

namespace quench::training {

namespace detail {

/// The rows of y along which a and b have one step each, in order.
class PairRows {
 public:
  PairRows(const Extents& a, const Extents& b, const Extents& y);

  void next() {
    in_y += count;
    for (std::size_t axis = last_; axis-- > 0;) {
      in_a += a_steps_[axis];
      in_b += b_steps_[axis];
      if (++at_[axis] < y_[axis]) return;
      in_a -= at_[axis] * a_steps_[axis];
      in_b -= at_[axis] * b_steps_[axis];
      at_[axis] = 0;
    }
  }

 private:
  using Steps = std::array<std::size_t, max_tensor_rank>;

  // The step of an array along each axis of y: 0 along broadcast axes.
  void set_steps(const Extents& extents, Steps& steps) const;

  Extents y_;
  Steps a_steps_{}, b_steps_{}, at_{};
  std::size_t last_ = 0;

 public:
  std::size_t size, in_y = 0, in_a = 0, in_b = 0;
  std::size_t count, a_step, b_step;
};

}  // namespace detail

/// Calls visit(index in a, index in b, index in y) for each element of y, in order. Extents align at the last axis; a
/// and b are broadcast along missing axes and extents of 1.
/// Errors   none; undefined if another extent of a or b differs from that of y
template <class Visit>
void for_each_pair(const Extents& a, const Extents& b, const Extents& y, Visit visit) {
  for (detail::PairRows row(a, b, y); row.in_y < row.size; row.next())
    for (std::size_t i = 0; i < row.count; ++i)
      visit(row.in_a + i * row.a_step, row.in_b + i * row.b_step, row.in_y + i);
}

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/broadcast_impl.hpp>
#endif
