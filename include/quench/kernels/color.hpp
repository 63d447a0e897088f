// SPDX-License-Identifier: Apache-2.0
// Converts camera pictures to the network's input: int8 codes, 128 subtracted, full-range BT.601.
//
// This happens before the QuantStub and needs no scale: a centred code c is the real value c / 128. Colours are
// converted with weights of 8 fractional bits. Freestanding.
#pragma once

#include <cstdint>

#include <quench/bits/narrow.hpp>
#include <quench/network/symbol.hpp>
#include <quench/types/shape.hpp>

namespace quench::kernels {

namespace detail {

constexpr std::int8_t center(std::int32_t pixel) { return static_cast<std::int8_t>(pixel - 128); }

/// One row of the colour matrix, before the offset. Its weights have 8 fractional bits.
constexpr std::int32_t weigh(const std::uint8_t* rgb, int red, int green, int blue) {
  return round_half_up_shift(red * rgb[0] + green * rgb[1] + blue * rgb[2], 8);
}

}  // namespace detail

/// Red, green and blue to centred YUV444.
/// Shapes   rgb [pixels,3] -> yuv [pixels,3]
/// Rounding half up
/// Errors   none; yuv overlaps nothing
/// Equals   (0.299 r + 0.587 g + 0.114 b - 128, 0.5 (b - y) / 0.886, 0.5 (r - y) / 0.701) within 2
/// Source   nash.md section 1
constexpr void rgb_to_centered_yuv444(const std::uint8_t* rgb, std::int8_t* yuv, int pixels) {
  for (int i = 0; i < pixels; ++i, rgb += 3) {
    *yuv++ = detail::center(detail::weigh(rgb, 77, 150, 29));
    *yuv++ = static_cast<std::int8_t>(detail::weigh(rgb, -43, -84, 127));
    *yuv++ = static_cast<std::int8_t>(detail::weigh(rgb, 127, -106, -21));
  }
}

/// Red, green and blue to centred gray: the Y of centred YUV444.
/// Shapes   rgb [pixels,3] -> gray [pixels,1]
constexpr void rgb_to_centered_gray(const std::uint8_t* rgb, std::int8_t* gray, int pixels) {
  for (int i = 0; i < pixels; ++i, rgb += 3) *gray++ = detail::center(detail::weigh(rgb, 77, 150, 29));
}

/// Subtracts 128 from unsigned pixels with any number of channels.
/// Shapes   pixels [count] -> codes [count]
constexpr void center(const std::uint8_t* pixels, std::int8_t* codes, int count) {
  for (int i = 0; i < count; ++i) codes[i] = detail::center(pixels[i]);
}

/// NV12, full range, to centred YUV444. Each pair of U and V is repeated over its 2 x 2 pixels.
/// Shapes   luma [H,W], chroma [ceil(H/2),ceil(W/2),2], U before V -> yuv [H,W,3]
/// Errors   none; yuv overlaps nothing
constexpr void nv12_to_centered_yuv444(const std::uint8_t* luma, const std::uint8_t* chroma, std::int8_t* yuv,
                                       int height, int width) {
  const int chroma_width = (width + 1) / 2;
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < width; ++column) {
      const std::uint8_t* uv = chroma + (row / 2 * chroma_width + column / 2) * 2;
      *yuv++ = detail::center(luma[row * width + column]);
      *yuv++ = detail::center(uv[0]);
      *yuv++ = detail::center(uv[1]);
    }
}

/// Resizes a picture: each pixel is the one whose centre is nearest, with half-pixel centres.
/// Shapes   x [H,W,C] -> y [height,width,C]
/// Rounding pixel o is input pixel floor((o + 1/2) * H / height)
/// Errors   none; undefined if an extent is above 32767; y overlaps nothing
template <class T>
constexpr void resize_nearest(const T* x, const Shape& x_shape, T* y, int height, int width) {
  const int channels = x_shape[2];
  for (int oy = 0; oy < height; ++oy)
    for (int ox = 0; ox < width; ++ox) {
      const int iy = (2 * oy + 1) * x_shape[0] / (2 * height), ix = (2 * ox + 1) * x_shape[1] / (2 * width);
      const T* pixel = x + (iy * x_shape[1] + ix) * channels;
      for (int c = 0; c < channels; ++c) *y++ = pixel[c];
    }
}

/// A part of a picture.
/// Shapes   x [H,W,C] -> y [height,width,C]; top + height <= H, left + width <= W, none negative
/// Errors   none; y overlaps nothing
template <class T>
constexpr void crop(const T* x, const Shape& x_shape, int top, int left, T* y, int height, int width) {
  const int channels = x_shape[2];
  for (int row = top; row < top + height; ++row)
    for (int i = 0; i < width * channels; ++i) *y++ = x[(row * x_shape[1] + left) * channels + i];
}

}  // namespace quench::kernels
