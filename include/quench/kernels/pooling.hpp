// SPDX-License-Identifier: Apache-2.0
// Pools: the largest value of a window, its mean, and the mean of a whole map.
//
// A max pool ignores padding. An average pool counts it as zeros: the divisor, which is part of the requantization, is
// always the size of the window. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/window.hpp>

namespace quench::kernels {

/// The settings of a pool.
/// Shapes   x [H,W,C], y [OH,OW,C]
struct Pool {
  Shape x;
  Shape y;
  Window window{};
};

namespace detail {

/// Calls pixel(rows, columns) for each output pixel, with the taps of its window inside the map.
template <class Pixel>
constexpr void for_each_window(const Pool& pool, Pixel pixel) {
  const Window& window = pool.window;
  for (int oy = 0; oy < pool.y[0]; ++oy) {
    const Taps rows = taps_inside(oy * window.stride.height - window.padding.height, window.kernel_size.height,
                                  window.dilation.height, pool.x[0]);
    for (int ox = 0; ox < pool.y[1]; ++ox)
      pixel(rows, taps_inside(ox * window.stride.width - window.padding.width, window.kernel_size.width,
                              window.dilation.width, pool.x[1]));
  }
}

}  // namespace detail

/// Largest code of each window.
/// Shapes   x [H,W,C] -> y [OH,OW,C], of any extents
/// Units    int8 or int16, both at the scale of x
/// Errors   none; y overlaps nothing
/// Equals   max over the pixels of the window; the lowest code if it has none
/// Source   nash.md section 4
template <class T>
constexpr void max_pool2d(const T* x, T* y, const Pool& pool) {
  static_assert(is_code<T>);
  const int width = pool.x[1], channels = pool.x[2];
  const Pair dilation = pool.window.dilation;
  detail::for_each_window(pool, [&](const Taps& rows, const Taps& columns) {
    for (int c = 0; c < channels; ++c) y[c] = static_cast<T>(-(1 << (bits_of<T> - 1)));
    for (int ky = rows.begin; ky < rows.end; ++ky)
      for (int kx = columns.begin; kx < columns.end; ++kx) {
        const int iy = rows.origin + ky * dilation.height, ix = columns.origin + kx * dilation.width;
        const T* pixel = x + (iy * width + ix) * channels;
        for (int c = 0; c < channels; ++c)
          if (pixel[c] > y[c]) y[c] = pixel[c];
      }
    y += channels;
  });
}

/// Mean of each window; padding counts.
/// Shapes   x [H,W,C] -> y [OH,OW,C], of any extents
/// Units    x: int8 or int16 at s_x; the sum: int32 at s_x; y: int8 or int16 at s_y
/// Rounding as `requantize`, whose ratio is s_x / (kh * kw * s_y)
/// Errors   none; undefined unless kh * kw * 2^7 (int8; int16: 2^15) <= 2^31 - 1; y overlaps nothing
/// Equals   saturate(round(Σ x / (kh * kw) * s_x / s_y)) within 1 for int8, within 3 for int16
/// Source   nash.md section 4
template <class X, class Y>
constexpr void avg_pool2d(const X* x, Y* y, const Pool& pool, const Requantization& requantization) {
  static_assert(is_code<X> && is_code<Y>);
  const int width = pool.x[1], channels = pool.x[2];
  const Pair dilation = pool.window.dilation;
  detail::for_each_window(pool, [&](const Taps& rows, const Taps& columns) {
    for (int c = 0; c < channels; ++c) {
      std::int32_t sum = 0;
      for (int ky = rows.begin; ky < rows.end; ++ky) {
        const int row = (rows.origin + ky * dilation.height) * width + columns.origin;
        for (int kx = columns.begin; kx < columns.end; ++kx) sum += x[(row + kx * dilation.width) * channels + c];
      }
      *y++ = static_cast<Y>(requantize<bits_of<Y>>(sum, requantization));
    }
  });
}

/// Mean of each channel over the whole map.
/// Shapes   x [H,W,C] -> y [1,1,C]
/// Units    as avg_pool2d, with kh * kw = H * W
/// Equals   avg_pool2d with a window of the size of the map
template <class X, class Y>
constexpr void global_avg_pool2d(const X* x, const Shape& x_shape, Y* y, const Requantization& requantization) {
  avg_pool2d(x, y, Pool{x_shape, Shape(1, 1, x_shape[2]), {.kernel_size = {x_shape[0], x_shape[1]}}}, requantization);
}

}  // namespace quench::kernels
