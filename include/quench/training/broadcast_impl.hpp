// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/broadcast.hpp>

#include <algorithm>
#include <cstddef>

namespace quench::training {

namespace detail {

QUENCH_INLINE PairRows::PairRows(const Extents& a, const Extents& b, const Extents& y) : y_(y), size(y.elements()) {
  if (a == y && b == y) {  // one row
    count = size;
    a_step = b_step = 1;
    return;
  }
  last_ = std::max<std::size_t>(y.rank, 1) - 1;
  count = y.rank > 0 ? y[last_] : 1;
  set_steps(a, a_steps_);
  set_steps(b, b_steps_);
  a_step = a_steps_[last_];
  b_step = b_steps_[last_];
}

QUENCH_INLINE void PairRows::set_steps(const Extents& extents, Steps& steps) const {
  for (std::size_t back = 1, step = 1; back <= extents.rank; ++back) {
    const std::size_t extent = extents[extents.rank - back];
    if (extent != 1) steps[y_.rank - back] = step;
    step *= extent;
  }
}

}  // namespace detail

}  // namespace quench::training
