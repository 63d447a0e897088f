// SPDX-License-Identifier: Apache-2.0
// Copies of maps with their padding, band by band, so that a copy stays in the cache until it is used.
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/kernels/conv2d.hpp>

namespace quench::host {

/// Output rows [begin, end) of a map.
struct RowRange {
  int begin = 0, end = 0;
};

/// Divides a map into bands of output rows, and copies the input rows of each. int8/map.hpp and int16/map.hpp copy the
/// codes.
class Bands {
 public:
  int rows = 0;        // output rows of a band
  int row_step = 0;    // codes in the copy from an output row to the next
  int pixel_step = 0;  // codes from an output pixel to the next
  int width = 0;       // pixels of a row of the copy
  int channels = 0;    // of a pixel of the copy

 protected:
  static constexpr int most_codes = 1 << 17;  // of a copy; four rows may have more

  Bands() = default;
  Bands(const kernels::Convolution& conv, int copied_channels)
      : channels(copied_channels), x_(conv.x), top_(conv.window.padding.height), left_(conv.window.padding.width) {
    const Pair kernel = conv.window.kernel_size, dilation = conv.window.dilation, stride = conv.window.stride;
    stride_ = stride.height;
    window_ = (kernel.height - 1) * dilation.height + 1;
    width = (conv.y[1] - 1) * stride.width + (kernel.width - 1) * dilation.width + 1;
    pixel_step = stride.width * channels;
    row_step = stride_ * width * channels;
    set_rows((most_codes / (width * channels) - window_) / stride_ + 1, conv);
  }

  void set_rows(int fitting, const kernels::Convolution& conv) {
    rows = std::clamp(fitting, std::min(4, conv.y[0]), conv.y[0]);
  }

  int height_of(int output_rows) const { return (output_rows - 1) * stride_ + window_; }
  std::size_t size(int pixels) const { return static_cast<std::size_t>(pixels) * static_cast<std::size_t>(channels); }
  /// Pixels of padding at the beginning of a row, then those of the map.
  int before() const { return std::min(left_, width); }
  int inside() const { return std::min(width - before(), x_[1]); }

  /// Copies the input rows of `count` output rows, beginning with `first`. `copy(from, map, rows)` copies rows of the map
  /// with their padding. Rows above and below the map are filled with `zero`.
  template <class X, class Code, class Copy>
  void copy_rows(const X* from, int first, int count, Code* map, int zero, const Copy& copy) const {
    const int wanted = height_of(count), begin = first * stride_ - top_, x_begin = std::clamp(begin, 0, x_[0]);
    const int above = std::clamp(-begin, 0, wanted);
    const int rows_inside = std::clamp(std::min(begin + wanted, x_[0]) - x_begin, 0, wanted - above);
    std::memset(map, zero, sizeof(Code) * size(above * width));
    map += size(above * width);
    copy(from + static_cast<std::ptrdiff_t>(x_begin) * x_[1] * x_[2], map, rows_inside);
    map += size(rows_inside * width);
    std::memset(map, zero, sizeof(Code) * size((wanted - above - rows_inside) * width));
  }

  Shape x_;
  int stride_ = 1, top_ = 0, left_ = 0, window_ = 1;
};

}  // namespace quench::host
