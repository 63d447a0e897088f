// SPDX-License-Identifier: Apache-2.0
// Maps enlarged by whole factors: nearest pixel, or bilinear with half-pixel centres (PyTorch's align_corners=False).
//
// Bilinear: along one axis the centre of output pixel o lies (2o + 1 - f) / (2f) behind the centre of input pixel 0.
// The four weights of a pixel are products of such fractions, brought to 16 bits, and sum to exactly 2^16, so that a
// constant map stays constant. They are found once for each pixel; the inner loop runs over channels. Freestanding.
#pragma once

#include <cstdint>

#include <quench/bits/narrow.hpp>
#include <quench/network/settings.hpp>
#include <quench/types/shape.hpp>

namespace quench::kernels {

namespace detail {

/// The two input pixels that an output pixel lies between, and how far it is from the first, in 1/(2 * factor).
struct Between {
  int first, second, distance;
};

/// Outside the outermost centres both pixels are the one at the edge.
constexpr Between between(int o, int factor, int extent) {
  const int numerator = 2 * o + 1 - factor, unit = 2 * factor;
  const int position = numerator < 0 ? 0 : numerator;
  const int first = position / unit;
  return {first, first + 1 < extent ? first + 1 : first, position % unit};
}

/// product / whole in 16 fractional bits, half up.
constexpr std::int32_t weight(int product, int whole) {
  const auto numerator = static_cast<std::uint32_t>(product) << 16;
  const auto divisor = static_cast<std::uint32_t>(whole);
  return static_cast<std::int32_t>((numerator + divisor / 2) / divisor);
}

}  // namespace detail

/// Each pixel repeated.
/// Shapes   x [H,W,C] -> y [H * factor, W * factor, C]
/// Units    int8 or int16, both at the scale of x
/// Rounding none
/// Errors   none; y overlaps nothing
/// Source   nash.md section 4
template <class T>
constexpr void upsample_nearest(const T* x, const Shape& x_shape, Pair factor, T* y) {
  const int channels = x_shape[2];
  for (int oy = 0; oy < x_shape[0] * factor.height; ++oy)
    for (int ox = 0; ox < x_shape[1] * factor.width; ++ox) {
      const T* pixel = x + (oy / factor.height * x_shape[1] + ox / factor.width) * channels;
      for (int c = 0; c < channels; ++c) *y++ = pixel[c];
    }
}

/// The weighted mean of the four nearest pixels.
/// Shapes   x [H,W,C] -> y [H * factor, W * factor, C]
/// Units    int8, both at the scale of x; the sum: int32 with 16 fractional bits
/// Rounding weights half up to 16 fractional bits, the last one the remainder to 2^16; the sum half up
/// Errors   none; undefined unless factor.height * factor.width <= 2^13; y overlaps nothing
/// Equals   round(interpolated x) within 1; exactly it where the weights are exact (factors that are powers of two)
/// Source   nash.md section 4
constexpr void upsample_bilinear(const std::int8_t* x, const Shape& x_shape, Pair factor, std::int8_t* y) {
  const int width = x_shape[1], channels = x_shape[2];
  const int unit_y = 2 * factor.height, unit_x = 2 * factor.width, whole = unit_y * unit_x;
  for (int oy = 0; oy < x_shape[0] * factor.height; ++oy)
    for (int ox = 0; ox < width * factor.width; ++ox) {
      const detail::Between rows = detail::between(oy, factor.height, x_shape[0]);
      const detail::Between columns = detail::between(ox, factor.width, width);
      const std::int32_t w00 = detail::weight((unit_y - rows.distance) * (unit_x - columns.distance), whole);
      const std::int32_t w01 = detail::weight((unit_y - rows.distance) * columns.distance, whole);
      const std::int32_t w10 = detail::weight(rows.distance * (unit_x - columns.distance), whole);
      const std::int32_t w11 = (1 << 16) - w00 - w01 - w10;
      const std::int8_t* x00 = x + (rows.first * width + columns.first) * channels;
      const std::int8_t* x01 = x + (rows.first * width + columns.second) * channels;
      const std::int8_t* x10 = x + (rows.second * width + columns.first) * channels;
      const std::int8_t* x11 = x + (rows.second * width + columns.second) * channels;
      for (int c = 0; c < channels; ++c)
        *y++ = static_cast<std::int8_t>(
            round_half_up_shift(x00[c] * w00 + x01[c] * w01 + x10[c] * w10 + x11[c] * w11, 16));
    }
}

}  // namespace quench::kernels
