// SPDX-License-Identifier: Apache-2.0
// Maps enlarged by whole factors: nearest pixel, or bilinear with half-pixel centres (PyTorch's align_corners=False).
//
// Bilinear: along one axis the centre of output pixel o lies (2o + 1 - f) / (2f) after the centre of input pixel 0. The
// four weights of a pixel are products of such fractions in 16 bits. They sum to exactly 2^16, so that a constant map
// stays constant. They are computed once for each pixel; the inner loop runs over channels. Freestanding.
#pragma once

#include <cstdint>

#include <quench/bits/narrow.hpp>
#include <quench/network/settings.hpp>
#include <quench/network/symbol.hpp>
#include <quench/types/shape.hpp>

namespace quench::kernels {

/// The two input pixels next to an output pixel, and its distance from the first, in 1/(2 * factor).
struct Between {
  int first, second;
  std::uint32_t distance;
};

/// The position of output pixel o. Outside the outermost centres both are the edge pixel. No step exceeds 32 bits.
constexpr Between between(int o, int factor, int extent) {
  const int pixel = o / factor;
  const auto twice = 2 * static_cast<std::uint32_t>(o % factor) + 1, size = static_cast<std::uint32_t>(factor);
  if (twice >= size) return {pixel, pixel + 1 < extent ? pixel + 1 : pixel, twice - size};
  if (pixel > 0) return {pixel - 1, pixel, twice + size};
  return {0, extent > 1 ? 1 : 0, 0};
}

namespace detail {

/// product / whole in 16 fractional bits, half up; 0 <= product <= whole < 2^62. Large fractions are divided bit by
/// bit, because small processors have no 64-bit division.
constexpr std::int32_t weight(std::uint64_t product, std::uint64_t whole) {
  if (whole < (1u << 16)) {
    const auto numerator = static_cast<std::uint32_t>(product) << 16, divisor = static_cast<std::uint32_t>(whole);
    return static_cast<std::int32_t>((numerator + divisor / 2) / divisor);
  }
  std::int32_t quotient = product == whole ? 1 : 0;
  std::uint64_t rest = product == whole ? 0 : product;
  for (int bit = 0; bit < 17; ++bit) {
    rest *= 2;
    const bool fits = rest >= whole;
    if (fits) rest -= whole;
    quotient = 2 * quotient + (fits ? 1 : 0);
  }
  return (quotient + 1) / 2;
}

}  // namespace detail

/// The weights of the four pixels around an output pixel: first row, then second. They sum to 2^16.
struct PixelWeights {
  std::int32_t of[4];
};

/// The last weight is the rest of 2^16.
constexpr PixelWeights pixel_weights(const Between& rows, const Between& columns, Pair factor) {
  const std::uint64_t height = 2 * static_cast<std::uint64_t>(factor.height);
  const std::uint64_t width = 2 * static_cast<std::uint64_t>(factor.width);
  const std::uint64_t below = rows.distance, right = columns.distance, whole = height * width;
  PixelWeights w{{detail::weight((height - below) * (width - right), whole),
                  detail::weight((height - below) * right, whole), detail::weight(below * (width - right), whole), 0}};
  w.of[3] = (1 << 16) - w.of[0] - w.of[1] - w.of[2];
  return w;
}

/// Each pixel repeated.
/// Shapes   x [H,W,C] -> y [H * factor, W * factor, C]
/// Units    int8 or int16, both at the scale of x
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
/// Errors   none; y overlaps nothing
/// Equals   round(interpolated x) within 1; exactly it where the weights are exact (factors that are powers of two)
/// Source   nash.md section 4
constexpr void upsample_bilinear(const std::int8_t* x, const Shape& x_shape, Pair factor, std::int8_t* y) {
  const int width = x_shape[1], channels = x_shape[2];
  for (int oy = 0; oy < x_shape[0] * factor.height; ++oy)
    for (int ox = 0; ox < width * factor.width; ++ox) {
      const Between rows = between(oy, factor.height, x_shape[0]);
      const Between columns = between(ox, factor.width, width);
      const PixelWeights w = pixel_weights(rows, columns, factor);
      const std::int8_t* x00 = x + (rows.first * width + columns.first) * channels;
      const std::int8_t* x01 = x + (rows.first * width + columns.second) * channels;
      const std::int8_t* x10 = x + (rows.second * width + columns.first) * channels;
      const std::int8_t* x11 = x + (rows.second * width + columns.second) * channels;
      for (int c = 0; c < channels; ++c)
        *y++ = static_cast<std::int8_t>(
            round_half_up_shift(x00[c] * w.of[0] + x01[c] * w.of[1] + x10[c] * w.of[2] + x11[c] * w.of[3], 16));
    }
}

}  // namespace quench::kernels
