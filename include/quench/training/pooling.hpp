// SPDX-License-Identifier: Apache-2.0
// Pools and upsampling in float, forward and backward. kernels/pool.hpp has the windows.
// Sums over a whole map are taken in double: 2^20 summands one by one in float lose one digit in a hundred.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include <quench/host/float/channels.hpp>
#include <quench/kernels/pool.hpp>
#include <quench/kernels/upsample.hpp>
#include <quench/training/operand.hpp>

namespace quench::training {

namespace detail {

/// Calls `begin(output, count)` for each window, `count` of whose pixels a mean counts, then visit(offset of an output
/// pixel, offset of a map pixel in its window).
template <class Begin, class Visit>
void for_each_tap(const Call& call, Begin begin, Visit visit) {
  const kernels::Pool pool = kernels::pool_of(*call.node, call.x[0].shape);
  const Shape& x = pool.x;
  const kernels::PoolAxis down = pool.rows(), across = pool.columns();
  const std::ptrdiff_t channels = x[2];
  std::ptrdiff_t output = 0;
  for (int n = 0; n < call.samples; ++n)
    for (int oy = 0; oy < down.outputs; ++oy) {
      const kernels::Taps rows = down.taps(oy);
      for (int ox = 0; ox < across.outputs; ++ox, output += channels) {
        const kernels::Taps columns = across.taps(ox);
        begin(output, down.count(oy) * across.count(ox));
        for (int ky = rows.begin; ky < rows.end; ++ky)
          for (int kx = columns.begin; kx < columns.end; ++kx) {
            const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(n) * x[0] + rows.origin + ky * down.dilation;
            visit(output, (row * x[1] + columns.origin + kx * across.dilation) * channels);
          }
      }
    }
}

}  // namespace detail

/// The largest value of each window; minus infinity if all of it is padding.
inline void max_pool2d_forward(const Call& call) {
  const int channels = call.x[0].shape.channels();
  const float* x = call.x[0].values;
  float* y = call.y.values;
  detail::for_each_tap(
      call, [&](std::ptrdiff_t at, int) { std::fill_n(y + at, channels, -std::numeric_limits<float>::infinity()); },
      [&](std::ptrdiff_t at, std::ptrdiff_t from) {
        for (int c = 0; c < channels; ++c)
          if (!(x[from + c] <= y[at + c])) y[at + c] = x[from + c];
      });
}

/// The gradient goes to the first of equal values.
inline void max_pool2d_backward(const Call& call) {
  const int channels = call.x[0].shape.channels();
  const float *x = call.x[0].values, *y = call.y.values;
  std::vector<unsigned char> is_open(static_cast<std::size_t>(channels));
  detail::for_each_tap(
      call, [&](std::ptrdiff_t, int) { std::fill(is_open.begin(), is_open.end(), static_cast<unsigned char>(1)); },
      [&](std::ptrdiff_t at, std::ptrdiff_t from) {
        for (int c = 0; c < channels; ++c) {
          unsigned char& open = is_open[static_cast<std::size_t>(c)];
          if (open == 0 || x[from + c] != y[at + c]) continue;
          call.x[0].gradient[from + c] += call.y.gradient[at + c];
          open = 0;
        }
      });
}

inline void avg_pool2d_forward(const Call& call) {
  const int channels = call.x[0].shape.channels();
  std::vector<double> sums(static_cast<std::size_t>(call.size()));
  std::vector<int> counts;  // of each output pixel
  detail::for_each_tap(
      call, [&](std::ptrdiff_t, int count) { counts.push_back(count); },
      [&](std::ptrdiff_t at, std::ptrdiff_t from) {
        double* to = sums.data() + at;
        for (int c = 0; c < channels; ++c) to[c] += static_cast<double>(call.x[0].values[from + c]);
      });
  float* y = call.y.values;
  const double* sum = sums.data();
  for (const int count : counts)
    for (int c = 0; c < channels; ++c) *y++ = static_cast<float>(*sum++ / count);
}

inline void avg_pool2d_backward(const Call& call) {
  const int channels = call.x[0].shape.channels();
  float factor = 0;
  detail::for_each_tap(
      call, [&](std::ptrdiff_t, int count) { factor = 1.0f / static_cast<float>(count); },
      [&](std::ptrdiff_t at, std::ptrdiff_t from) {
        for (int c = 0; c < channels; ++c) call.x[0].gradient[from + c] += call.y.gradient[at + c] * factor;
      });
}

inline void global_avg_pool2d_forward(const Call& call) {
  const Shape& x = call.x[0].shape;
  const auto pixels = static_cast<std::size_t>(x[0] * x[1]), channels = static_cast<std::size_t>(x[2]);
  std::vector<double> sums(channels);
  for (int n = 0; n < call.samples; ++n) {
    std::fill(sums.begin(), sums.end(), 0.0);
    host::float_channel_sums(call.x[0].values + n * call.x[0].sample_size(), pixels, channels, sums.data());
    float* y = call.y.values + n * call.y.sample_size();
    for (std::size_t c = 0; c < channels; ++c) y[c] = static_cast<float>(sums[c] / static_cast<double>(pixels));
  }
}

inline void global_avg_pool2d_backward(const Call& call) {
  const Shape& x = call.x[0].shape;
  const int pixels = x[0] * x[1], channels = x[2];
  const float factor = 1.0f / static_cast<float>(pixels);
  for (int n = 0; n < call.samples; ++n) {
    const float* gy = call.y.gradient + static_cast<std::ptrdiff_t>(n) * channels;
    float* gx = call.x[0].gradient + n * call.x[0].sample_size();
    for (int p = 0; p < pixels; ++p)
      for (int c = 0; c < channels; ++c) gx[static_cast<std::ptrdiff_t>(p) * channels + c] += gy[c] * factor;
  }
}

namespace detail {

/// The weight of the second of two pixels.
inline float second_weight(const kernels::Between& place, const kernels::ResizeAxis& axis) {
  return static_cast<float>(place.distance) / static_cast<float>(axis.divisor);
}

/// Calls visit(offset of an output pixel, offset of a map pixel, weight).
template <class Visit>
void for_each_interpolated(const Call& call, Visit visit) {
  const Settings& s = call.settings();
  const kernels::Resize resize = kernels::resize_of(s, call.x[0].shape);
  const kernels::ResizeAxis &down = resize.rows, &across = resize.columns;
  std::ptrdiff_t output = 0;
  for (int n = 0; n < call.samples; ++n) {
    kernels::Place row = down.first;
    for (int oy = 0; oy < down.outputs; ++oy, row = down.next(row)) {
      const kernels::Between rows = down.between(row);
      const float v = second_weight(rows, down);
      kernels::Place column = across.first;
      for (int ox = 0; ox < across.outputs; ++ox, output += resize.channels, column = across.next(column)) {
        const auto pixel = [&](int y, int x) {
          return ((static_cast<std::ptrdiff_t>(n) * down.extent + y) * across.extent + x) * resize.channels;
        };
        if (s.mode == InterpolationMode::Nearest) {
          visit(output, pixel(down.nearest(row, s.nearest_mode), across.nearest(column, s.nearest_mode)), 1.0f);
          continue;
        }
        const kernels::Between columns = across.between(column);
        const float h = second_weight(columns, across);
        visit(output, pixel(rows.first, columns.first), (1 - v) * (1 - h));
        visit(output, pixel(rows.first, columns.second), (1 - v) * h);
        visit(output, pixel(rows.second, columns.first), v * (1 - h));
        visit(output, pixel(rows.second, columns.second), v * h);
      }
    }
  }
}

}  // namespace detail

/// Nearest, or bilinear, at the coordinates of the integer kernels.
inline void upsample_forward(const Call& call) {
  const int channels = call.x[0].shape[2];
  std::fill_n(call.y.values, call.size(), 0.0f);
  detail::for_each_interpolated(call, [&](std::ptrdiff_t at, std::ptrdiff_t from, float weight) {
    for (int c = 0; c < channels; ++c) call.y.values[at + c] += call.x[0].values[from + c] * weight;
  });
}

inline void upsample_backward(const Call& call) {
  const int channels = call.x[0].shape[2];
  std::vector<double> sums(static_cast<std::size_t>(call.x[0].sample_size() * call.samples));
  detail::for_each_interpolated(call, [&](std::ptrdiff_t at, std::ptrdiff_t from, float weight) {
    double* to = sums.data() + from;
    for (int c = 0; c < channels; ++c) to[c] += static_cast<double>(call.y.gradient[at + c] * weight);
  });
  for (std::size_t i = 0; i < sums.size(); ++i) call.x[0].gradient[i] += static_cast<float>(sums[i]);
}

}  // namespace quench::training
