// SPDX-License-Identifier: Apache-2.0
// A slope for negative values, one for all or one for each channel. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// x where x >= 0, and the slope of its channel times x below.
/// Shapes   x [rows,C], records [1 + C] -> y [rows,C]; one slope for all: C is 1
/// Units    x: int8 or int16 at s_x; y: int8 or int16 at s_y; records[0]: s_x / s_y; records[1 + c]: slope * s_x / s_y, with a
///          negative multiplier for a negative slope, and the multiplier 0 for results that are 0
/// Rounding as `quench::requantize`, once
/// Errors   none; y may be x if their types are equal
/// Equals   saturate(round(x * s_x / s_y * (x < 0 ? slope : 1))) within 1 for int8, within 2 for int16
/// Source   nash.md section 4
template <class X, class Y>
constexpr void prelu(const X* x, Y* y, int rows, int channels, const Requantization* records) {
  static_assert(is_code<X> && is_code<Y>);
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < channels; ++c, ++x)
      *y++ = static_cast<Y>(requantize<bits_of<Y>>(*x, records[*x < 0 ? 1 + c : 0]));
}

}  // namespace quench::kernels
