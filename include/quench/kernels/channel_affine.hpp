// SPDX-License-Identifier: Apache-2.0
// A factor and an offset for each channel. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// x times the factor of its channel, plus a bias.
/// Shapes   x [rows,C], w [C] -> y [rows,C]
/// Units    x: int8 or int16; w: int8; acc: int32 at s_x * s_w[channel]; y: int8, int16, or int32 = acc
/// Rounding acc as `requantize`; then clamped to [output.low, output.high]
/// Errors   none; undefined unless |w| * max|x| + |bias| <= 2^31 - 1; y may be x if their types are equal
/// Equals   conv2d with a 1x1 window, C groups and one filter in each
/// Source   nash.md section 4
template <class X, class Y>
constexpr void channel_affine(const X* x, const std::int8_t* w, Y* y, int rows, int channels,
                              const OutputChannels& output) {
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < channels; ++c) *y++ = finish<Y>(*x++ * w[c] + detail::first_value(output, c), output, c);
}

}  // namespace quench::kernels
