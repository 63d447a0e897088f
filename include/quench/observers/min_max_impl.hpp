// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/min_max.hpp>

namespace quench {

namespace detail {

QUENCH_INLINE Range RangeObserver::range() const {
  if (is_empty()) throw Error(diagnosis::nothing_observed, "");
  return range_;
}

QUENCH_INLINE void RangeObserver::start_at(float scale, DType dtype) {
  const float magnitude = magnitude_of(scale, dtype);
  range_ = {-magnitude, magnitude};
}

}  // namespace detail

}  // namespace quench
