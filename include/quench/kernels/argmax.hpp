// SPDX-License-Identifier: Apache-2.0
// The index of the largest value along an axis, also if each class has its own scale.
//
// Accumulators of two channels are not comparable, because each channel has its own scale. They are compared as x * m
// in 64 bits, where m is the channel's scale relative to the largest one, in 15 fractional bits. Freestanding.
#pragma once

#include <cstdint>

#include <quench/kernels/rows.hpp>
#include <quench/network/symbol.hpp>

namespace quench::kernels {

/// For each index of the other axes, the index of the largest x along the axis.
/// Shapes   x any, multipliers [extent of the axis] or none -> y the extents of the other axes
/// Units    x: int8, int16 or int32; multipliers: round(s_c / max s * 2^15), in [0, 2^15]; none if all scales are equal
/// Errors   none; y overlaps nothing
/// Equals   the least i with x[i] * multipliers[i] >= x[j] * multipliers[j] for all j
/// Source   nash.md section 4
template <class X>
constexpr void argmax(const X* x, const Shape& x_shape, int axis, const std::uint16_t* multipliers, std::int32_t* y) {
  const int classes = x_shape[axis];
  const int outer = count_of(x_shape, 0, axis), inner = count_of(x_shape, axis + 1, x_shape.rank);
  for (int i = 0; i < outer; ++i)
    for (int j = 0; j < inner; ++j) {
      const X* row = x + i * classes * inner + j;
      const auto value = [&](int k) {
        return std::int64_t{row[k * inner]} * (multipliers != nullptr ? multipliers[k] : 1);
      };
      int best = 0;
      std::int64_t largest = value(0);
      for (int k = 1; k < classes; ++k)
        if (const std::int64_t candidate = value(k); candidate > largest) {
          best = k;
          largest = candidate;
        }
      *y++ = best;
    }
}

}  // namespace quench::kernels
