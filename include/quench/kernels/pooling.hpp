// SPDX-License-Identifier: Apache-2.0
// Pools: the largest value of a window, its mean, and the mean of a whole map.
//
// A max pool ignores padding. An average pool divides by the pixels that its window counts. The divisor is part of the
// requantization, so there is a record for each number of pixels. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/pool.hpp>

namespace quench::kernels {

/// The records of an average pool: one; or if windows count different numbers of pixels, one for each number.
struct MeanRecords {
  const Requantization* records = nullptr;
  const int* counts = nullptr;  // the pixels that each record is for; none for one record

  constexpr MeanRecords(const Requantization* list, const int* pixels) : records(list), counts(pixels) {}
  constexpr MeanRecords(const Requantization& record) : records(&record) {}  // implicit, for windows of one size

  constexpr int index_of(int count) const {
    int i = 0;
    while (counts != nullptr && counts[i] != count) ++i;
    return i;
  }
};

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
  const PoolAxis down = pool.rows(), across = pool.columns();
  for (int oy = 0; oy < down.outputs; ++oy) {
    const Taps rows = down.taps(oy);
    for (int ox = 0; ox < across.outputs; ++ox, y += channels) {
      const Taps columns = across.taps(ox);
      for (int c = 0; c < channels; ++c) y[c] = static_cast<T>(-(1 << (bits_of<T> - 1)));
      for (int ky = rows.begin; ky < rows.end; ++ky)
        for (int kx = columns.begin; kx < columns.end; ++kx) {
          const int iy = rows.origin + ky * dilation.height, ix = columns.origin + kx * dilation.width;
          const T* pixel = x + (iy * width + ix) * channels;
          for (int c = 0; c < channels; ++c)
            if (pixel[c] > y[c]) y[c] = pixel[c];
        }
    }
  }
}

/// Mean of each window: its sum, divided by the n pixels that it counts.
/// Shapes   x [H,W,C] -> y [OH,OW,C], of any extents
/// Units    x: int8 or int16 at s_x; the sum: int32 at s_x; y: int8 or int16 at s_y
/// Rounding as `requantize` by the record of n, whose ratio is s_x / (n * s_y)
/// Errors   none; undefined unless n * 2^7 (int8; int16: 2^15) <= 2^31 - 1, and there is a record for each n; y overlaps
///          nothing
/// Equals   saturate(round(Σ x / n * s_x / s_y)) within 1 for int8, within 3 for int16
/// Source   nash.md section 4
template <class X, class Y>
constexpr void avg_pool2d(const X* x, Y* y, const Pool& pool, const MeanRecords& means) {
  static_assert(is_code<X> && is_code<Y>);
  const int width = pool.x[1], channels = pool.x[2];
  const Pair dilation = pool.window.dilation;
  const PoolAxis down = pool.rows(), across = pool.columns();
  for (int oy = 0; oy < down.outputs; ++oy) {
    const Taps rows = down.taps(oy);
    for (int ox = 0; ox < across.outputs; ++ox) {
      const Taps columns = across.taps(ox);
      const Requantization record = means.records[means.index_of(down.count(oy) * across.count(ox))];
      for (int c = 0; c < channels; ++c) {
        std::int32_t sum = 0;
        for (int ky = rows.begin; ky < rows.end; ++ky) {
          const int row = (rows.origin + ky * dilation.height) * width + columns.origin;
          for (int kx = columns.begin; kx < columns.end; ++kx) sum += x[(row + kx * dilation.width) * channels + c];
        }
        *y++ = static_cast<Y>(requantize<bits_of<Y>>(sum, record));
      }
    }
  }
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
