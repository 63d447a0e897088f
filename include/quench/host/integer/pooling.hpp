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

  PoolWindow(const kernels::Pool& pool, int oy, int ox) {
    const kernels::Window& w = pool.window;
    const auto y = kernels::taps_inside(oy * w.stride.height - w.padding.height, w.kernel_size.height,
                                        w.dilation.height, pool.x[0]);
    const auto x =
        kernels::taps_inside(ox * w.stride.width - w.padding.width, w.kernel_size.width, w.dilation.width, pool.x[1]);
    column_step = static_cast<std::ptrdiff_t>(w.dilation.width) * pool.x[2];
    row_step = static_cast<std::ptrdiff_t>(w.dilation.height) * pool.x[1] * pool.x[2];
    rows = y.end - y.begin;
    columns = x.end - x.begin;
    first = (static_cast<std::ptrdiff_t>(y.origin + y.begin * w.dilation.height) * pool.x[1] + x.origin +
             x.begin * w.dilation.width) *
            pool.x[2];
  }
};

/// Calls f(window, y) for each output pixel.
template <class Y, class F>
[[gnu::always_inline]] inline void for_each_pixel(const kernels::Pool& pool, Y* y, F f) {
  for (int oy = 0; oy < pool.y[0]; ++oy)
    for (int ox = 0; ox < pool.y[1]; ++ox, y += pool.y[2]) f(PoolWindow(pool, oy, ox), y);
}

struct MeanLoop {
  static constexpr int part = 64;  // channels

  template <class X, class Y>
  [[gnu::always_inline]] static void run(const X* x, Y* y, const kernels::Pool* pool, Rescaling<Y> rescaling) {
    const int channels = pool->y[2];
    for_each_pixel(
        *pool, y, [&](const PoolWindow& window, Y* pixel) __attribute__((always_inline)) {
          for (int first = 0; first < channels; first += part) {
            const int count = std::min(part, channels - first);
            std::int32_t sums[part]{};
            for (int row = 0; row < window.rows; ++row) {
              const X* p = x + window.first + row * window.row_step + first;
              for (int column = 0; column < window.columns; ++column, p += window.column_step)
                if (count == part)
                  for (int i = 0; i < part; ++i) sums[i] += p[i];
                else
                  for (int i = 0; i < count; ++i) sums[i] += p[i];
            }
            for (int i = 0; i < count; ++i) pixel[first + i] = rescaling(sums[i]);
          }
        });
  }
};

struct LargestLoop {
  template <class T>
  [[gnu::always_inline]] static void run(const T* x, T* y, const kernels::Pool* pool) {
    const int channels = pool->y[2];
    for_each_pixel(
        *pool, y, [&](const PoolWindow& window, T* __restrict pixel) __attribute__((always_inline)) {
          for (int c = 0; c < channels; ++c) pixel[c] = static_cast<T>(-HeldRange<T>::most - 1);
          for (int row = 0; row < window.rows; ++row)
            for (int column = 0; column < window.columns; ++column) {
              const T* __restrict p = x + window.first + row * window.row_step + column * window.column_step;
              for (int c = 0; c < channels; ++c) pixel[c] = p[c] > pixel[c] ? p[c] : pixel[c];
            }
        });
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
void avg_pool2d(const X* x, Y* y, const kernels::Pool& pool, const Requantization& record, std::int32_t low,
                std::int32_t high, Isa isa = best_isa()) {
  run_for<detail::MeanLoop>(isa, x, y, &pool, detail::Rescaling<Y>(record, low, high));
}

}  // namespace quench::host
