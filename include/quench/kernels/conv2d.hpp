// SPDX-License-Identifier: Apache-2.0
// Convolution of a map: dense, grouped and depthwise.
//
// Padding adds 0, so taps in the padding are left out of the sum; which those are is found once for each output pixel.
// The inner loop runs over what is contiguous: a whole row of the window where there is one group and no dilation, else
// the channels of one group. Where an output channel has one input channel (depthwise, or gray images) that is next to
// nothing, and two output channels are summed at once. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>
#include <quench/kernels/window.hpp>

namespace quench::kernels {

/// The settings of a convolution, or of a transposed one.
/// Shapes   x [H,W,C], y [OH,OW,K]; groups divides C and K
struct Convolution {
  Shape x;
  Shape y;
  Window window{};
  int groups = 1;
  int x_shift = 0;  // the h of nash.md section 4, in [0, 15]; 0 for int8
};

namespace detail {

/// The part of the window that lies inside the map, at one output pixel.
struct Patch {
  int rows, taps;  // pixels
  int x, w;        // offsets of its first pixel: in the map, and in a filter
};

/// Codes from one row of the window to the next, and from one pixel of it to the next.
struct Steps {
  int x_row, x_tap, w_row;
};

/// Σ x * w over a patch, `depth` channels of each pixel.
template <class X>
constexpr std::int32_t dot_patch(const X* x, const std::int8_t* w, const Patch& patch, const Steps& steps, int depth,
                                 int shift) {
  std::int32_t acc = 0;
  for (int row = 0, from_x = 0, from_w = 0; row < patch.rows; ++row, from_x += steps.x_row, from_w += steps.w_row) {
    if (steps.x_tap == depth)
      acc += dot(x + from_x, w + from_w, patch.taps * depth, shift);
    else
      for (int tap = 0; tap < patch.taps; ++tap)
        acc += dot(x + from_x + tap * steps.x_tap, w + from_w + tap * depth, depth, shift);
  }
  return acc;
}

/// The sums of two output channels.
struct TwoSums {
  std::int32_t first, second;
};

/// The same for two output channels of one input channel each. The second one's codes are `second_x` behind those of the
/// first in x, and `second_w` in w.
template <class X>
constexpr TwoSums dot_two_channels(const X* x, int second_x, const std::int8_t* w, int second_w, const Patch& patch,
                                   const Steps& steps, int shift) {
  std::int32_t first = 0, second = 0;
  for (int row = 0; row < patch.rows; ++row)
    for (int tap = 0; tap < patch.taps; ++tap) {
      const X* pixel = x + row * steps.x_row + tap * steps.x_tap;
      const std::int8_t* weight = w + row * steps.w_row + tap;
      first += operand(pixel[0], shift) * weight[0];
      second += operand(pixel[second_x], shift) * weight[second_w];
    }
  return {first, second};
}

}  // namespace detail

/// Cross-correlation of a map with one filter for each output channel.
/// Shapes   x [H,W,C], w [K,kh,kw,C/groups] -> y [(H + 2p - d(kh-1) - 1)/s + 1, the same for W, K], or fewer rows
/// Units    x: int8 or int16; w: int8; acc: int32 at s_x * 2^x_shift * s_w[channel]; y: int8, int16, or int32 = acc
/// Rounding x half up by x_shift (int16 only); acc as `requantize`; then clamped to [output.low, output.high]
/// Errors   none; undefined unless Σ|w| * max|x >> x_shift| + |bias| <= 2^31 - 1 for each channel; y overlaps nothing
/// Equals   clamp(requantize(bias + Σ x * w)) with x = 0 outside the map
/// Source   nash.md section 4
template <class X, class Y>
constexpr void conv2d(const X* x, const std::int8_t* w, Y* y, const Convolution& conv, const OutputChannels& output) {
  const Window& window = conv.window;
  const Pair kernel = window.kernel_size;
  const int width = conv.x[1], channels = conv.x[2];
  const int depth = channels / conv.groups, filters = conv.y[2] / conv.groups;
  const int filter_size = kernel.height * kernel.width * depth;
  const detail::Steps steps{window.dilation.height * width * channels, window.dilation.width * channels,
                            kernel.width * depth};

  for (int oy = 0; oy < conv.y[0]; ++oy) {
    const detail::Taps rows = detail::taps_inside(oy * window.stride.height - window.padding.height, kernel.height,
                                                  window.dilation.height, conv.x[0]);
    for (int ox = 0; ox < conv.y[1]; ++ox) {
      const detail::Taps columns = detail::taps_inside(ox * window.stride.width - window.padding.width, kernel.width,
                                                       window.dilation.width, width);
      detail::Patch patch{};
      if (rows.begin < rows.end && columns.begin < columns.end)
        patch = {
            rows.end - rows.begin, columns.end - columns.begin,
            (rows.origin * width + columns.origin) * channels + rows.begin * steps.x_row + columns.begin * steps.x_tap,
            rows.begin * steps.w_row + columns.begin * depth};
      int k = 0;
      for (; depth == 1 && k + 1 < conv.y[2]; k += 2) {
        const int channel = k / filters, second_x = (k + 1) / filters - channel;
        const detail::TwoSums sums = detail::dot_two_channels(
            x + patch.x + channel, second_x, w + patch.w + k * filter_size, filter_size, patch, steps, conv.x_shift);
        *y++ = detail::finish<Y>(detail::first_value(output, k) + sums.first, output, k);
        *y++ = detail::finish<Y>(detail::first_value(output, k + 1) + sums.second, output, k + 1);
      }
      for (; k < conv.y[2]; ++k) {
        const std::int32_t acc = detail::dot_patch(x + patch.x + k / filters * depth, w + patch.w + k * filter_size,
                                                   patch, steps, depth, conv.x_shift);
        *y++ = detail::finish<Y>(detail::first_value(output, k) + acc, output, k);
      }
    }
  }
}

}  // namespace quench::kernels
