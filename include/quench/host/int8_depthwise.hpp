// SPDX-License-Identifier: Apache-2.0
// What the vector kernels of depthwise int8 convolutions work on.
//
// Each channel meets its own codes, so there is little to compute for each code that is read, and the map is not copied:
// a tap outside of it reads zeros. The taps of pixels at the edges of a row are found for each; inside they move on together.
#pragma once

#include <cstddef>

#include <quench/host/int8_block.hpp>
#include <quench/kernels/conv2d.hpp>

namespace quench::host {

/// Where a channel of a depthwise block stands: of 64 channels, fours of neighbours lie 16 apart, as unpacking bytes
/// leaves them.
constexpr int depthwise_place(int channel) {
  return channel / 64 * 64 + channel % 16 / 4 * 16 + channel % 64 / 16 * 4 + channel % 4;
}

/// A depthwise convolution. Weights lie as [64 channels][taps / 4][channel in the order of depthwise_place, tap].
struct Int8Depthwise {
  int channels = 0;
  int taps = 0;
  const std::int8_t* weights = nullptr;
  const Int8Epilogue* epilogue = nullptr;  // in the order of depthwise_place
  std::int32_t low = INT32_MIN, high = INT32_MAX;
};

/// Where the taps of a pixel lie, whole fours of them, and how far those of the next pixel are.
struct DepthwiseTaps {
  const kernels::Convolution* conv = nullptr;
  const std::int8_t* x = nullptr;
  const std::int8_t* zeros = nullptr;  // as long as a row of the map
  std::vector<const std::int8_t*> at;
  std::ptrdiff_t step = 0;

  void start(const kernels::Convolution& of, const std::int8_t* map, const std::int8_t* zero_row) {
    const kernels::Window& window = of.window;
    const auto taps = static_cast<std::size_t>((window.kernel_size.height * window.kernel_size.width + 3) / 4 * 4);
    conv = &of;
    x = map;
    zeros = zero_row;
    at.assign(taps, zeros);
    step = static_cast<std::ptrdiff_t>(window.stride.width) * of.x[2];
    const int stride = window.stride.width, padding = window.padding.width;
    const int reach = (window.kernel_size.width - 1) * window.dilation.width;
    first_inside_ = (padding + stride - 1) / stride;
    end_inside_ = of.x[1] + padding > reach ? (of.x[1] + padding - reach - 1) / stride + 1 : 0;
  }

  /// Finds the taps of a pixel. Returns for how many pixels `step` leads on.
  int go_to(int oy, int ox) {
    const kernels::Window& window = conv->window;
    std::size_t tap = 0;
    for (int ky = 0; ky < window.kernel_size.height; ++ky)
      for (int kx = 0; kx < window.kernel_size.width; ++kx, ++tap) {
        const int iy = oy * window.stride.height - window.padding.height + ky * window.dilation.height;
        const int ix = ox * window.stride.width - window.padding.width + kx * window.dilation.width;
        const bool is_inside = iy >= 0 && iy < conv->x[0] && ix >= 0 && ix < conv->x[1];
        at[tap] = is_inside ? x + (static_cast<std::ptrdiff_t>(iy) * conv->x[1] + ix) * conv->x[2] : zeros;
      }
    return ox >= first_inside_ && ox < end_inside_ ? std::min(end_inside_, conv->y[1]) - ox : 1;
  }

  /// Calls f(pixels, at) for all pixels in runs that `step` leads through; `at`: where the codes of the first belong.
  template <class F>
  void for_each_run(F f) {
    for (int oy = 0; oy < conv->y[0]; ++oy)
      for (int ox = 0, pixels = 0; ox < conv->y[1]; ox += pixels) {
        pixels = go_to(oy, ox);
        f(pixels, (static_cast<std::ptrdiff_t>(oy) * conv->y[1] + ox) * conv->y[2]);
      }
  }

 private:
  int first_inside_ = 0, end_inside_ = 0;  // pixels whose columns all lie inside the map
};

}  // namespace quench::host
