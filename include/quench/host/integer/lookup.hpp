// SPDX-License-Identifier: Apache-2.0
// Lookups of int16 codes: what kernels/lookup.hpp defines as a piecewise linear function, equal bit for bit. There is
// memory for what each code gives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <quench/kernels/lookup.hpp>

namespace quench::host {

/// A function of int16 codes, held in [low, high].
class TabledFunction {
 public:
  /// Builds the table, unless it is that of the same function.
  void set(const kernels::PiecewiseTable& function, std::int32_t low = INT32_MIN, std::int32_t high = INT32_MAX) {
    if (!values_.empty() && function == function_ && low == low_ && high == high_) return;
    function_ = function;
    low_ = low;
    high_ = high;
    values_.resize(1 << 16);
    for (int code = -half; code < half; ++code) {
      const std::int32_t value = kernels::lookup(static_cast<std::int16_t>(code), function);
      values_[static_cast<std::size_t>(code + half)] = static_cast<std::int16_t>(std::clamp(value, low, high));
    }
  }

  /// kernels::lookup, saturated to the type of y.
  template <class Y>
  void run(const std::int16_t* x, Y* y, std::size_t count) const {
    const std::int16_t* const values = values_.data() + half;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < count; ++i) {
      if constexpr (sizeof(Y) == sizeof(std::int16_t))
        y[i] = values[x[i]];
      else
        y[i] = static_cast<Y>(saturate<static_cast<int>(8 * sizeof(Y))>(values[x[i]]));
    }
  }

 private:
  static constexpr int half = 1 << 15;

  kernels::PiecewiseTable function_;
  std::int32_t low_ = INT32_MIN, high_ = INT32_MAX;
  std::vector<std::int16_t> values_;
};

}  // namespace quench::host
