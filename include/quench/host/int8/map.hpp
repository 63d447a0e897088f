// SPDX-License-Identifier: Apache-2.0
// Maps copied with their padding, band by band, so that what is copied stays in the cache until it is used.
#pragma once

#include <algorithm>
#include <cstring>

#include <quench/host/int8/codes_avx512.hpp>
#include <quench/host/int8/joined_avx512.hpp>
#include <quench/kernels/conv2d.hpp>

namespace quench::host {

namespace detail {

/// Rows with each code raised by 128 or 0 (raise_of), and zeros so raised before and behind them.
struct RaiseRows {
  [[gnu::always_inline]] static void run(const std::int8_t* __restrict x, std::uint8_t* __restrict y, int rows,
                                         std::size_t x_step, std::size_t before, std::size_t count, std::size_t behind,
                                         std::uint8_t raise) {
    for (int row = 0; row < rows; ++row, x += x_step) {
      std::memset(y, raise, before);
      y += before;
      for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(x[i]) ^ raise);
      y += count;
      std::memset(y, raise, behind);
      y += behind;
    }
  }
};

/// One run of codes, each raised.
inline void raise(const std::int8_t* x, std::uint8_t* y, std::size_t count, Int8Level level) {
  if (is_avx512(level))
    raise_rows_avx512(x, y, 1, 0, 0, count, count);
  else
    dispatch<RaiseRows>(x, y, 1, std::size_t{0}, std::size_t{0}, count, std::size_t{0}, raise_of(level));
}

}  // namespace detail

/// How a map is cut into bands of output rows, and what windows meet of each. Where the rows of windows are joined, an
/// output row has a joined row for itself.
class MapBands {
 public:
  int rows = 0;        // output rows of a band
  int row_step = 0;    // bytes from an output row to the next in the copy
  int pixel_step = 0;  // bytes from an output pixel to the next
  int width = 0;       // pixels of a row of the copy

  MapBands() = default;
  MapBands(const kernels::Convolution& conv, bool join) : x_(conv.x), is_joined_(join) {
    const Pair kernel = conv.window.kernel_size, dilation = conv.window.dilation, stride = conv.window.stride;
    stride_ = stride.height;
    dilation_ = dilation.height;
    top_ = conv.window.padding.height;
    left_ = conv.window.padding.width;
    window_ = (kernel.height - 1) * dilation.height + 1;
    width = (conv.y[1] - 1) * stride.width + (kernel.width - 1) * dilation.width + 1;
    pixel_step = stride.width * x_[2];
    row_step = stride_ * width * x_[2];
    if (join) {
      columns_ = JoinedColumns(conv, width);
      zeros_.resize(size(x_[1]));
      pixel_step = stride.width * columns_.bytes;
      row_step = width * columns_.bytes;
    }
    constexpr int most_bytes = 1 << 17;
    const int fitting = join ? most_bytes / row_step : (most_bytes / (width * x_[2]) - window_) / stride_ + 1;
    rows = std::clamp(fitting, std::min(4, conv.y[0]), conv.y[0]);
  }

  /// What a copy of a band takes, and what is read or written behind it.
  std::size_t bytes() const {
    return (is_joined_ ? static_cast<std::size_t>(rows) * static_cast<std::size_t>(row_step)
                       : static_cast<std::size_t>(height_of(rows)) * size(width)) +
           64;
  }

  /// Copies what `count` output rows from `first` on meet.
  void copy(const std::int8_t* from, int first, int count, std::uint8_t* map, Int8Level level) const {
    if (is_joined_) return join(from, first, count, map);
    const int wanted = height_of(count), begin = first * stride_ - top_, x_begin = std::clamp(begin, 0, x_[0]);
    const int above = std::clamp(-begin, 0, wanted);
    const int inside = std::clamp(std::min(begin + wanted, x_[0]) - x_begin, 0, wanted - above);
    const int before = std::min(left_, width), columns = std::min(width - before, x_[1]);
    std::memset(map, raise_of(level), size(above * width));
    map += size(above * width);
    from += size(x_begin * x_[1]);
    if (columns == width && width == x_[1])
      detail::raise(from, map, size(inside * width), level);
    else if (is_avx512(level))
      detail::raise_rows_avx512(from, map, inside, size(x_[1]), size(before), size(columns), size(width));
    else
      dispatch<detail::RaiseRows>(from, map, inside, size(x_[1]), size(before), size(columns),
                                  size(width - before - columns), raise_of(level));
    map += size(inside * width);
    std::memset(map, raise_of(level), size((wanted - above - inside) * width));
  }

 private:
  int height_of(int output_rows) const { return (output_rows - 1) * stride_ + window_; }
  std::size_t size(int pixels) const { return static_cast<std::size_t>(pixels * x_[2]); }

  void join(const std::int8_t* from, int first, int count, std::uint8_t* map) const {
    const std::int8_t* rows_of_window[most_joined_rows];
    for (int oy = first; oy < first + count; ++oy, map += row_step) {
      for (int ky = 0; ky < columns_.rows; ++ky) {
        const int iy = oy * stride_ - top_ + ky * dilation_;
        rows_of_window[ky] = iy >= 0 && iy < x_[0] ? from + size(iy * x_[1]) : zeros_.data();
      }
      detail::join_rows_avx512(columns_, rows_of_window, map);
    }
  }

  Shape x_;
  int stride_ = 1, dilation_ = 1, top_ = 0, left_ = 0, window_ = 0;
  bool is_joined_ = false;
  JoinedColumns columns_;
  AlignedVector<std::int8_t> zeros_;  // a row outside of the map
};

}  // namespace quench::host
