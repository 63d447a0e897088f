// SPDX-License-Identifier: Apache-2.0
// A linear layer: each row of features times a matrix of weights. Freestanding.
//
// Rows of weights and of features are contiguous, so each output is one inner loop.
#pragma once

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// The settings of a linear layer. All axes of x except the last are rows.
struct LinearLayer {
  int rows = 1;
  int in_features = 0;
  int out_features = 0;
  int x_shift = 0;  // the h of nash.md section 4, in [0, 15]; 0 for int8
};

/// Products of rows of x with rows of w.
/// Shapes   x [rows,C], w [K,C] -> y [rows,K]
/// Units    x: int8 or int16; w: int8; acc: int32 at s_x * 2^x_shift * s_w[channel]; y: int8, int16, or int32 = acc
/// Rounding x half up by x_shift (int16 only); acc as `requantize`; then clamped to [output.low, output.high]
/// Errors   none; undefined unless Σ|w| * max|x >> x_shift| + |bias| <= 2^31 - 1 for each channel; y overlaps nothing
/// Equals   conv2d with a 1x1 window over `rows` pixels
/// Source   nash.md section 4
template <class X, class Y>
constexpr void linear(const X* x, const std::int8_t* w, Y* y, const LinearLayer& layer, const OutputChannels& output) {
  const int features = layer.in_features, filters = layer.out_features;
  for (int row = 0; row < layer.rows; ++row, x += features) {
    OutputChannels next = output;
    const std::int8_t* filter = w;
    const auto finish = [&]<int Filters>(detail::Sums<Filters> sums) {
      detail::add_dot(sums, x, filter, features, {1, features, 0, 0}, layer.x_shift);
      y = detail::finish_next(sums, y, next);
      filter += Filters * features;
    };
    int left = filters;
    for (; left >= 4; left -= 4) finish(detail::Sums<4>());
    if (left >= 2) finish(detail::Sums<2>());
    if (left % 2 != 0) finish(detail::Sums<1>());
  }
}

}  // namespace quench::kernels
