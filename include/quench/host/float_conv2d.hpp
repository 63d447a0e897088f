// SPDX-License-Identifier: Apache-2.0
// Convolutions of float maps and both their gradients, for training.
#pragma once

#include <quench/network/settings.hpp>

namespace quench::host {

/// NHWC activations, OHWI weights [K, kh, kw, C/groups].
struct FloatConv2d {
  int samples = 0;
  int in_height = 0, in_width = 0, in_channels = 0;
  int out_height = 0, out_width = 0, out_channels = 0;
  Pair kernel_size{1}, stride{1}, padding{0}, dilation{1};
  int groups = 1;
};

namespace detail {
template <class F>
void for_each_product(const FloatConv2d& c, F f) {
  const int depth = c.in_channels / c.groups, filters = c.out_channels / c.groups;
  for (int n = 0; n < c.samples; ++n)
    for (int oy = 0; oy < c.out_height; ++oy)
      for (int ox = 0; ox < c.out_width; ++ox)
        for (int ky = 0; ky < c.kernel_size.height; ++ky)
          for (int kx = 0; kx < c.kernel_size.width; ++kx) {
            const int iy = oy * c.stride.height - c.padding.height + ky * c.dilation.height;
            const int ix = ox * c.stride.width - c.padding.width + kx * c.dilation.width;
            if (iy < 0 || ix < 0 || iy >= c.in_height || ix >= c.in_width) continue;
            for (int k = 0; k < c.out_channels; ++k) {
              const long x = ((long(n) * c.in_height + iy) * c.in_width + ix) * c.in_channels + k / filters * depth;
              const long w = ((long(k) * c.kernel_size.height + ky) * c.kernel_size.width + kx) * depth;
              const long y = ((long(n) * c.out_height + oy) * c.out_width + ox) * c.out_channels + k;
              f(x, w, y, depth);
            }
          }
}
}  // namespace detail

/// y = bias + x * w
inline void float_conv2d(const FloatConv2d& c, const float* x, const float* w, const float* bias, float* y) {
  const long pixels = long(c.samples) * c.out_height * c.out_width;
  for (long p = 0; p < pixels; ++p)
    for (int k = 0; k < c.out_channels; ++k) y[p * c.out_channels + k] = bias != nullptr ? bias[k] : 0.0f;
  detail::for_each_product(c, [&](long i, long j, long o, int depth) {
    float sum = 0;
    for (int d = 0; d < depth; ++d) sum += x[i + d] * w[j + d];
    y[o] += sum;
  });
}

/// Adds to gx.
inline void float_conv2d_input_gradient(const FloatConv2d& c, const float* gy, const float* w, float* gx) {
  detail::for_each_product(c, [&](long i, long j, long o, int depth) {
    for (int d = 0; d < depth; ++d) gx[i + d] += gy[o] * w[j + d];
  });
}

/// Adds to gw and gb.
inline void float_conv2d_weight_gradient(const FloatConv2d& c, const float* x, const float* gy, float* gw, float* gb) {
  detail::for_each_product(c, [&](long i, long j, long o, int depth) {
    for (int d = 0; d < depth; ++d) gw[j + d] += gy[o] * x[i + d];
  });
  const long pixels = long(c.samples) * c.out_height * c.out_width;
  if (gb != nullptr)
    for (long p = 0; p < pixels; ++p)
      for (int k = 0; k < c.out_channels; ++k) gb[k] += gy[p * c.out_channels + k];
}

}  // namespace quench::host
