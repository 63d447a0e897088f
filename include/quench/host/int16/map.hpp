// SPDX-License-Identifier: Apache-2.0
// Maps of int8 or int16 codes copied as int16, shifted and with their padding, band by band.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include <quench/host/scratch.hpp>
#include <quench/host/dispatch.hpp>
#include <quench/kernels/conv2d.hpp>

namespace quench::host {

namespace detail {

/// Codes as int16, shifted right, half up.
struct WidenLoop {
  template <class X>
  [[gnu::always_inline]] static void run(const X* __restrict x, std::int16_t* __restrict y, std::size_t count,
                                         int shift) {
    const int bit = shift > 0 ? shift - 1 : 0, one = shift > 0 ? 1 : 0;
    for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<std::int16_t>((x[i] >> shift) + ((x[i] >> bit) & one));
  }
};

/// Operands of products. int8 codes are not shifted.
template <class X>
void widen(const X* x, std::int16_t* y, std::size_t count, int shift, Isa isa) {
  if (count == 0) return;
  if constexpr (std::is_same_v<X, std::int16_t>) {
    if (shift == 0) return static_cast<void>(std::memcpy(y, x, 2 * count));
    run_for<WidenLoop>(isa, x, y, count, shift);
  } else {
    run_for<WidenLoop>(isa, x, y, count, 0);
  }
}

}  // namespace detail

/// How a map is cut into bands of output rows, and what windows meet of each.
class Int16Bands {
 public:
  int rows = 0;      // output rows of a band
  int width = 0;     // pixels of a row of the copy
  int channels = 0;  // of a pixel of the copy

  Int16Bands() = default;
  /// `order`: the channel of x that each channel of the copy is of; none if the copy has those of x.
  Int16Bands(const kernels::Convolution& conv, std::vector<int> order)
      : channels(order.empty() ? conv.x[2] : static_cast<int>(order.size())), x_(conv.x), order_(std::move(order)) {
    const Pair kernel = conv.window.kernel_size, dilation = conv.window.dilation;
    stride_ = conv.window.stride.height;
    top_ = conv.window.padding.height;
    left_ = conv.window.padding.width;
    window_ = (kernel.height - 1) * dilation.height + 1;
    shift_ = conv.x_shift;
    width = (conv.y[1] - 1) * conv.window.stride.width + (kernel.width - 1) * dilation.width + 1;
    constexpr int most_codes = 1 << 17;
    rows = std::clamp((most_codes / (width * channels) - window_) / stride_ + 1, std::min(4, conv.y[0]), conv.y[0]);
  }

  /// What a copy of a band takes, and what kernels may read behind it.
  std::size_t size() const { return size(height_of(rows) * width) + 32; }

  /// Copies what `count` output rows from `first` on meet.
  template <class X>
  void copy(const X* from, int first, int count, std::int16_t* map, Isa isa) const {
    const int begin = first * stride_ - top_, before = std::min(left_, width);
    const int columns = std::min(width - before, x_[1]);
    for (int iy = begin; iy < begin + height_of(count); ++iy, map += size(width)) {
      if (iy < 0 || iy >= x_[0]) {
        std::memset(map, 0, 2 * size(width));
        continue;
      }
      std::memset(map, 0, 2 * size(before));
      copy_pixels(from + static_cast<std::ptrdiff_t>(iy) * x_[1] * x_[2], map + size(before), columns, isa);
      std::memset(map + size(before + columns), 0, 2 * size(width - before - columns));
    }
  }

  /// Copies pixels that follow each other.
  template <class X>
  void copy_pixels(const X* from, std::int16_t* to, int pixels, Isa isa) const {
    const std::size_t count = static_cast<std::size_t>(pixels) * static_cast<std::size_t>(x_[2]);
    if (order_.empty()) return detail::widen(from, to, count, shift_, isa);
    std::int16_t* row = detail::scratch<detail::Scratch::Pixels, std::int16_t>(count);
    detail::widen(from, row, count, shift_, isa);
    for (int i = 0; i < pixels; ++i, row += x_[2])
      for (const int channel : order_) *to++ = row[channel];
  }

 private:
  int height_of(int output_rows) const { return (output_rows - 1) * stride_ + window_; }
  std::size_t size(int pixels) const { return static_cast<std::size_t>(pixels) * static_cast<std::size_t>(channels); }

  Shape x_;
  std::vector<int> order_;
  int stride_ = 1, top_ = 0, left_ = 0, window_ = 1, shift_ = 0;
};

}  // namespace quench::host
