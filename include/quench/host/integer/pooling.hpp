// SPDX-License-Identifier: Apache-2.0
// Pools of integer maps, int8 or int16: what kernels/pooling.hpp defines, equal bit for bit.
//
// Channels lie side by side, so loops over them are the inner ones; the sums of a part of the channels stay in
// registers while the window is walked.
#pragma once

#include <algorithm>

#include <quench/host/integer/elementwise.hpp>
#include <quench/kernels/pooling.hpp>

namespace quench::host {

namespace detail {

/// The part of a window that lies inside the map: its first element, and how far rows and columns are apart.
struct PoolWindow {
  std::ptrdiff_t first, row_step, column_step;
  int rows, columns;
  int oy, ox;  // its output pixel
};

/// Calls f(window, y) for each output pixel.
template <class Y, class F>
[[gnu::always_inline]] inline void for_each_pixel(const kernels::Pool& pool, Y* y, F f) {
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  const std::ptrdiff_t pixel = pool.x[2], row = pool.x[1] * pixel;
  PoolWindow window;
  window.row_step = down.dilation * row;
  window.column_step = across.dilation * pixel;
  for (window.oy = 0; window.oy < down.outputs; ++window.oy) {
    const kernels::Taps rows = down.taps(window.oy);
    window.rows = rows.end - rows.begin;
    const std::ptrdiff_t first_row = rows.origin * row + rows.begin * window.row_step;
    for (window.ox = 0; window.ox < across.outputs; ++window.ox, y += pixel) {
      const kernels::Taps columns = across.taps(window.ox);
      window.columns = columns.end - columns.begin;
      window.first = first_row + columns.origin * pixel + columns.begin * window.column_step;
      f(window, y);
    }
  }
}

struct MeanLoop {
  static constexpr int part = 64;  // channels

  template <class X, class Y>
  [[gnu::always_inline]] static void run(const X* x, Y* y, const kernels::Pool* pool, const kernels::MeanRecords* means,
                                         std::int32_t low, std::int32_t high) {
    const int channels = pool->y[2];
    const kernels::PoolAxis down = pool->rows(), across = pool->columns();
    Rescaling<Y> rescaling(means->records[0], low, high);
    for_each_pixel(
        *pool, y, [&](const PoolWindow& window, Y* pixel) __attribute__((always_inline)) {
          if (means->counts != nullptr)
            rescaling = Rescaling<Y>(means->records[means->index_of(down.count(window.oy) * across.count(window.ox))],
                                     low, high);
          for (int first = 0; first < channels; first += part) {
            const int count = std::min(part, channels - first);
            // 255 codes of int8 fit an int16.
            if (count < part)
              sum<std::int32_t, false>(x + first, window, count, pixel + first, rescaling);
            else if (sizeof(X) == 1 && window.rows * window.columns <= 255)
              sum<std::int16_t, true>(x + first, window, part, pixel + first, rescaling);
            else
              sum<std::int32_t, true>(x + first, window, part, pixel + first, rescaling);
          }
        });
  }

  template <class Sum, bool IsWhole, class X, class Y>
  [[gnu::always_inline]] static void sum(const X* x, const PoolWindow& window, int channels, Y* y,
                                         const Rescaling<Y>& rescaling) {
    const int count = IsWhole ? part : channels;
    Sum sums[part]{};
    for (int row = 0; row < window.rows; ++row) {
      const X* p = x + window.first + row * window.row_step;
      for (int column = 0; column < window.columns; ++column, p += window.column_step)
        for (int i = 0; i < count; ++i) sums[i] = static_cast<Sum>(sums[i] + p[i]);
    }
    for (int i = 0; i < count; ++i) y[i] = rescaling(sums[i]);
  }
};

struct LargestLoop {
  static constexpr int part = 64;  // channels

  template <class T>
  [[gnu::always_inline]] static void run(const T* x, T* y, const kernels::Pool* pool) {
    const int channels = pool->y[2];
    for_each_pixel(
        *pool, y, [&](const PoolWindow& window, T* pixel) __attribute__((always_inline)) {
          int first = 0;
          for (; first + part <= channels; first += part) largest<true>(x + first, window, part, pixel + first);
          if (first < channels) largest<false>(x + first, window, channels - first, pixel + first);
        });
  }

  template <bool IsWhole, class T>
  [[gnu::always_inline]] static void largest(const T* x, const PoolWindow& window, int channels, T* y) {
    const int count = IsWhole ? part : channels;
    T most[part];
    for (int i = 0; i < part; ++i) most[i] = static_cast<T>(-HeldRange<T>::most - 1);
    for (int row = 0; row < window.rows; ++row) {
      const T* p = x + window.first + row * window.row_step;
      for (int column = 0; column < window.columns; ++column, p += window.column_step)
        for (int i = 0; i < count; ++i) most[i] = p[i] > most[i] ? p[i] : most[i];
    }
    std::copy_n(most, count, y);
  }
};

}  // namespace detail

/// kernels::max_pool2d.
template <class T>
void max_pool2d(const T* x, T* y, const kernels::Pool& pool, Isa isa = best_isa()) {
  run_for<detail::LargestLoop>(isa, x, y, &pool);
}

/// kernels::avg_pool2d, then held in [low, high]. A window as large as the map makes it global_avg_pool2d.
template <class X, class Y>
void avg_pool2d(const X* x, Y* y, const kernels::Pool& pool, const kernels::MeanRecords& means, std::int32_t low,
                std::int32_t high, Isa isa = best_isa()) {
  run_for<detail::MeanLoop>(isa, x, y, &pool, &means, low, high);
}

}  // namespace quench::host
