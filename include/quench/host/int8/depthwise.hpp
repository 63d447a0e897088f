// SPDX-License-Identifier: Apache-2.0
// What the vector kernels of depthwise int8 convolutions work on.
//
// Each channel meets its own codes, so there is little to compute for each code that is read, and the map is not copied:
// a tap outside of it reads zeros. The taps of pixels at the edges of a row are found for each; inside they move on together.
#pragma once

#include <algorithm>
#include <cstddef>

#include <quench/host/integer/bands.hpp>
#include <quench/host/integer/epilogue.hpp>

namespace quench::host {

/// Where a channel of a depthwise block stands: of 64 channels, fours of neighbours lie 16 apart, as unpacking bytes
/// leaves them.
constexpr int depthwise_place(int channel) {
  return channel / 64 * 64 + channel % 16 / 4 * 16 + channel % 64 / 16 * 4 + channel % 4;
}

/// How many pixels share 64 lanes of AVX-512, if so many channels are left.
constexpr int depthwise_pixels(int channels) { return channels > 32 ? 1 : channels > 16 ? 2 : 4; }

/// A depthwise convolution. Weights lie as [64 channels][taps / 4][channel in the order of depthwise_place, tap].
/// On AVX-512, those of windows of 3 x 3 lie column by column, three taps and a zero; and what belongs to the last channels,
/// if they leave room for them in 64 lanes, is repeated for further pixels.
struct Int8Depthwise {
  int channels = 0;
  int taps = 0;
  const std::int8_t* weights = nullptr;
  const Epilogue* epilogue = nullptr;  // in the order of depthwise_place
  std::int32_t low = INT32_MIN, high = INT32_MAX;
};

/// Where the taps of a pixel lie, whole fours of them, and how far those of the next pixel are. A row at a time.
struct DepthwiseTaps {
  const kernels::Convolution* conv = nullptr;
  const std::int8_t* x = nullptr;
  const std::int8_t* zeros = nullptr;  // as long as a row of the map
  std::vector<const std::int8_t*> at;  // row by row, or column by column, each filled up to a four
  std::ptrdiff_t step = 0;
  RowRange rows;

  /// Begins with a map, of which `range` is computed.
  void start(const kernels::Convolution& of, RowRange range, const std::int8_t* map, const std::int8_t* zero_row,
             bool columns) {
    const kernels::Window& window = of.window;
    const int height = window.kernel_size.height, width = window.kernel_size.width;
    conv = &of;
    rows = range;
    x = map;
    zeros = zero_row;
    by_columns_ = columns;
    at.assign(static_cast<std::size_t>(columns ? (height + 3) / 4 * 4 * width : (height * width + 3) / 4 * 4), zeros);
    step = static_cast<std::ptrdiff_t>(window.stride.width) * of.x[2];
    const int stride = window.stride.width, padding = window.padding.width;
    const int reach = (window.kernel_size.width - 1) * window.dilation.width;
    first_inside_ = (padding + stride - 1) / stride;
    end_inside_ = of.x[1] + padding > reach ? (of.x[1] + padding - reach - 1) / stride + 1 : 0;
  }

  /// Begins with a row of output pixels.
  void start_row(int oy) {
    const kernels::Window& window = conv->window;
    rows_.clear();
    for (int ky = 0; ky < window.kernel_size.height; ++ky) {
      const int iy = oy * window.stride.height - window.padding.height + ky * window.dilation.height;
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(conv->x[1]) * conv->x[2];
      rows_.push_back(iy >= 0 && iy < conv->x[0] ? x + iy * row : nullptr);
    }
  }

  /// Finds the taps of a pixel of the row. Returns for how many pixels `step` leads on.
  int go_to(int ox) {
    const kernels::Window& window = conv->window;
    const int taps = window.kernel_size.width;
    for (int kx = 0; kx < taps; ++kx) {
      const int ix = ox * window.stride.width - window.padding.width + kx * window.dilation.width;
      const bool is_inside = ix >= 0 && ix < conv->x[1];
      const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(ix) * conv->x[2];
      const std::size_t height = (rows_.size() + 3) / 4 * 4;
      std::size_t tap = static_cast<std::size_t>(kx) * (by_columns_ ? height : 1);
      for (const std::int8_t* row : rows_) {
        // Inside, a row of zeros goes on for as long as the map does.
        at[tap] = !is_inside ? zeros : row != nullptr ? row + offset : zeros + offset;
        tap += by_columns_ ? 1 : static_cast<std::size_t>(taps);
      }
    }
    return ox >= first_inside_ && ox < end_inside_ ? std::min(end_inside_, conv->y[1]) - ox : 1;
  }

 private:
  bool by_columns_ = false;
  std::vector<const std::int8_t*> rows_;   // of the window; none outside of the map
  int first_inside_ = 0, end_inside_ = 0;  // pixels whose columns all lie inside the map
};

}  // namespace quench::host
