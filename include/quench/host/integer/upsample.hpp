// SPDX-License-Identifier: Apache-2.0
// Larger int8 maps: what kernels/upsample.hpp defines, equal bit for bit.
#pragma once

#include <algorithm>

#include <quench/host/dispatch.hpp>
#include <quench/kernels/upsample.hpp>

namespace quench::host {

namespace detail {

/// Four pixels and what each counts in the sum.
struct WeighedPixels {
  const std::int8_t* x[4];
  kernels::PixelWeights weights;
};

struct WeighedSum {
  [[gnu::always_inline]] static void run(const WeighedPixels* pixels, std::int8_t* __restrict y, int channels) {
    const std::int8_t *a = pixels->x[0], *b = pixels->x[1], *c = pixels->x[2], *d = pixels->x[3];
    const auto [wa, wb, wc, wd] = pixels->weights.of;
    // Weights are 2^16 together, so a sum is a code times 2^16 at most: rounding it cannot overflow.
    for (int i = 0; i < channels; ++i)
      y[i] = static_cast<std::int8_t>((a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd + (1 << 15)) >> 16);
  }
};

}  // namespace detail

/// kernels::upsample_nearest.
inline void upsample_nearest(const std::int8_t* x, const Shape& x_shape, Pair factor, std::int8_t* y) {
  const std::ptrdiff_t channels = x_shape[2], row = channels * x_shape[1] * factor.width;
  for (int iy = 0; iy < x_shape[0]; ++iy, y += row * factor.height) {
    std::int8_t* to = y;
    for (int ix = 0; ix < x_shape[1]; ++ix, x += channels)
      for (int i = 0; i < factor.width; ++i, to += channels) std::copy_n(x, channels, to);
    for (int i = 1; i < factor.height; ++i) std::copy_n(y, row, y + i * row);
  }
}

/// kernels::upsample_bilinear.
inline void upsample_bilinear(const std::int8_t* x, const Shape& x_shape, Pair factor, std::int8_t* y,
                              Isa isa = best_isa()) {
  const int width = x_shape[1], channels = x_shape[2];
  for (int oy = 0; oy < x_shape[0] * factor.height; ++oy) {
    const kernels::Between rows = kernels::between(oy, factor.height, x_shape[0]);
    const std::int8_t* first = x + static_cast<std::ptrdiff_t>(rows.first) * width * channels;
    const std::int8_t* second = x + static_cast<std::ptrdiff_t>(rows.second) * width * channels;
    for (int ox = 0; ox < width * factor.width; ++ox, y += channels) {
      const kernels::Between columns = kernels::between(ox, factor.width, width);
      const int left = columns.first * channels, right = columns.second * channels;
      const detail::WeighedPixels pixels{{first + left, first + right, second + left, second + right},
                                         kernels::pixel_weights(rows, columns, factor)};
      run_for<detail::WeighedSum>(isa, &pixels, y, channels);
    }
  }
}

}  // namespace quench::host
