// SPDX-License-Identifier: Apache-2.0
// Transposed convolution of a map: dense and grouped.
//
// Each output pixel gathers the taps that reach it. So it is one sum, which needs no memory for partial sums and is
// requantized at once. Tap k of an axis reaches output pixel o from input pixel (o + padding - k * dilation) / stride,
// if that is a whole number inside the map. The shape of y contains `output_padding`. Freestanding.
#pragma once

#include <quench/kernels/conv2d.hpp>

namespace quench::kernels {

namespace detail {

/// The input pixel that a tap brings to an output pixel along one axis, or a negative number. `distance` is o + padding
/// - k * dilation.
constexpr int source_pixel(int distance, int stride, int extent) {
  return distance % stride == 0 && distance / stride < extent ? distance / stride : -1;
}

}  // namespace detail

/// Transposed convolution: the gradient of conv2d with respect to its input, PyTorch's ConvTranspose2d.
/// Shapes   x [H,W,C], w [K,kh,kw,C/groups] -> y [(H-1)s - 2p + d(kh-1) + output_padding + 1, the same for W, K]
/// Units    x: int8 or int16; w: int8; acc: int32 at s_x * 2^x_shift * s_w[channel]; y: int8, int16, or int32 = acc
/// Rounding x half up by x_shift (int16 only); acc as `requantize`; then clamped to [output.low, output.high]
/// Errors   none; undefined unless Σ|w| * max|x >> x_shift| + |bias| <= 2^31 - 1 for each channel; y overlaps nothing
/// Equals   clamp(requantize(bias + Σ x * w)), where x[i] adds to y[i * stride - padding + k * dilation]
/// Source   nash.md section 4
template <class X, class Y>
constexpr void conv_transpose2d(const X* x, const std::int8_t* w, Y* y, const Convolution& conv,
                                const OutputChannels& output) {
  const Window& window = conv.window;
  const Pair kernel = window.kernel_size;
  const int width = conv.x[1], channels = conv.x[2];
  const int depth = channels / conv.groups, filters = conv.y[2] / conv.groups;

  for (int oy = 0; oy < conv.y[0]; ++oy)
    for (int ox = 0; ox < conv.y[1]; ++ox)
      for (int k = 0; k < conv.y[2]; ++k) {
        const X* group = x + k / filters * depth;
        const std::int8_t* filter = w + k * kernel.height * kernel.width * depth;
        std::int32_t acc = detail::first_value(output, k);
        for (int ky = 0; ky < kernel.height; ++ky) {
          const int from_y = oy + window.padding.height - ky * window.dilation.height;
          const int iy = detail::source_pixel(from_y, window.stride.height, conv.x[0]);
          if (iy < 0) continue;
          for (int kx = 0; kx < kernel.width; ++kx) {
            const int from_x = ox + window.padding.width - kx * window.dilation.width;
            const int ix = detail::source_pixel(from_x, window.stride.width, width);
            if (ix < 0) continue;
            acc += detail::dot(group + (iy * width + ix) * channels, filter + (ky * kernel.width + kx) * depth, depth,
                               conv.x_shift);
          }
        }
        *y++ = finish<Y>(acc, output, k);
      }
}

}  // namespace quench::kernels
