// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions of float maps and both their gradients: each channel has a filter of its own, so the vectors lie
// along the channels.
#pragma once

#include <algorithm>
#include <vector>

#include <quench/host/dispatch.hpp>
#include <quench/kernels/window.hpp>

namespace quench::host {

/// A convolution. NHWC activations, OHWI weights [K, kh, kw, C/groups]; y may have fewer rows than the settings give.
struct FloatConv2d {
  int samples = 0;
  int in_height = 0, in_width = 0, in_channels = 0;
  int out_height = 0, out_width = 0, out_channels = 0;
  Pair kernel_size{1}, stride{1}, padding{0}, dilation{1};
  int groups = 1;
};

inline bool is_depthwise(const FloatConv2d& c) {
  return c.groups > 1 && c.groups == c.in_channels && c.in_channels == c.out_channels;
}

namespace detail {

// y[i] += a[i] * b[i]
struct AddProducts {
  [[gnu::always_inline]] static void run(const float* __restrict a, const float* __restrict b, float* __restrict y,
                                         int count) {
    for (int i = 0; i < count; ++i) {
      const float product = a[i] * b[i];
      y[i] += product;
    }
  }
};

/// [channels, taps] to [taps, channels].
inline std::vector<float> by_tap(const float* w, int channels, int taps) {
  std::vector<float> result(static_cast<std::size_t>(channels) * static_cast<std::size_t>(taps));
  for (int channel = 0; channel < channels; ++channel)
    for (int tap = 0; tap < taps; ++tap)
      result[static_cast<std::size_t>(tap * channels + channel)] = w[channel * taps + tap];
  return result;
}

/// Calls visit(offset of an output pixel, offset of an input pixel, tap) for all taps inside the map.
template <class Visit>
void for_each_depthwise_tap(const FloatConv2d& c, Visit visit) {
  for (int n = 0; n < c.samples; ++n)
    for (int oy = 0; oy < c.out_height; ++oy) {
      const auto rows = kernels::detail::taps_inside(oy * c.stride.height - c.padding.height, c.kernel_size.height,
                                                     c.dilation.height, c.in_height);
      for (int ox = 0; ox < c.out_width; ++ox) {
        const auto columns = kernels::detail::taps_inside(ox * c.stride.width - c.padding.width, c.kernel_size.width,
                                                          c.dilation.width, c.in_width);
        const std::ptrdiff_t y =
            ((static_cast<std::ptrdiff_t>(n) * c.out_height + oy) * c.out_width + ox) * c.out_channels;
        for (int ky = rows.begin; ky < rows.end; ++ky)
          for (int kx = columns.begin; kx < columns.end; ++kx) {
            const std::ptrdiff_t row =
                static_cast<std::ptrdiff_t>(n) * c.in_height + rows.origin + ky * c.dilation.height;
            visit(y, (row * c.in_width + columns.origin + kx * c.dilation.width) * c.in_channels,
                  ky * c.kernel_size.width + kx);
          }
      }
    }
}

}  // namespace detail

/// y = bias + x * w.
inline void float_depthwise(const FloatConv2d& c, const float* x, const float* w, const float* bias, float* y) {
  const int channels = c.in_channels;
  const std::vector<float> weights = detail::by_tap(w, channels, c.kernel_size.height * c.kernel_size.width);
  const std::ptrdiff_t pixels = static_cast<std::ptrdiff_t>(c.samples) * c.out_height * c.out_width;
  for (std::ptrdiff_t p = 0; p < pixels; ++p)
    for (int k = 0; k < channels; ++k) y[p * channels + k] = bias != nullptr ? bias[k] : 0.0f;
  detail::for_each_depthwise_tap(c, [&](std::ptrdiff_t to, std::ptrdiff_t from, int tap) {
    dispatch<detail::AddProducts>(x + from, weights.data() + tap * channels, y + to, channels);
  });
}

/// Adds to gx the gradient of the input.
inline void float_depthwise_input_gradient(const FloatConv2d& c, const float* gy, const float* w, float* gx) {
  const int channels = c.in_channels;
  const std::vector<float> weights = detail::by_tap(w, channels, c.kernel_size.height * c.kernel_size.width);
  detail::for_each_depthwise_tap(c, [&](std::ptrdiff_t from, std::ptrdiff_t to, int tap) {
    dispatch<detail::AddProducts>(gy + from, weights.data() + tap * channels, gx + to, channels);
  });
}

/// Adds to gw the gradient of the weight.
inline void float_depthwise_weight_gradient(const FloatConv2d& c, const float* x, const float* gy, float* gw) {
  const int channels = c.in_channels, taps = c.kernel_size.height * c.kernel_size.width;
  std::vector<float> sums(static_cast<std::size_t>(channels) * static_cast<std::size_t>(taps));
  detail::for_each_depthwise_tap(c, [&](std::ptrdiff_t out, std::ptrdiff_t in, int tap) {
    dispatch<detail::AddProducts>(x + in, gy + out, sums.data() + tap * channels, channels);
  });
  for (int channel = 0; channel < channels; ++channel)
    for (int tap = 0; tap < taps; ++tap)
      gw[channel * taps + tap] += sums[static_cast<std::size_t>(tap * channels + channel)];
}

}  // namespace quench::host
