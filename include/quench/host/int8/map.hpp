// SPDX-License-Identifier: Apache-2.0
// Maps of int8 codes copied band by band, raised and with their padding.
#pragma once

#include <cstring>

#include <quench/host/int8/codes_avx512.hpp>
#include <quench/host/int8/joined_avx512.hpp>
#include <quench/host/integer/bands.hpp>

namespace quench::host {

namespace detail {

/// Rows of codes raised by 128 or 0 (raise_of), with zeros raised likewise before and after them.
struct RaiseRows {
  [[gnu::always_inline]] static void run(const std::int8_t* __restrict x, std::int8_t* __restrict y, int rows,
                                         std::size_t x_step, std::size_t before, std::size_t count, std::size_t after,
                                         std::uint8_t raise) {
    for (int row = 0; row < rows; ++row, x += x_step) {
      std::memset(y, raise, before);
      y += before;
      for (std::size_t i = 0; i < count; ++i) y[i] = static_cast<std::int8_t>(static_cast<std::uint8_t>(x[i]) ^ raise);
      y += count;
      std::memset(y, raise, after);
      y += after;
    }
  }
};

}  // namespace detail

/// Bands of int8 codes, raised. Where the rows of windows are joined, an output row has a joined row for itself.
class Int8Bands : public Bands {
 public:
  using Code = std::int8_t;

  Int8Bands() = default;
  Int8Bands(const kernels::Convolution& conv, bool join, Int8Level level)
      : Bands(conv, conv.x[2]), dilation_(conv.window.dilation.height), level_(level), is_joined_(join) {
    if (!join) return;
    columns_ = JoinedColumns(conv, width);
    zeros_.resize(size(x_[1]));
    pixel_step = conv.window.stride.width * columns_.bytes;
    row_step = width * columns_.bytes;
    set_rows(most_codes / row_step, conv);
  }

  /// What a copy of a band takes, and what is read or written after it.
  std::size_t size_of_copy() const {
    return (is_joined_ ? static_cast<std::size_t>(rows) * static_cast<std::size_t>(row_step)
                       : size(height_of(rows) * width)) +
           64;
  }

  /// The codes themselves, if their copy would be the same.
  const std::int8_t* in_place(const std::int8_t* x) const { return raise_of(level_) == 0 ? x : nullptr; }

  /// Copies what `count` output rows from `first` on meet.
  void copy(const std::int8_t* x, int first, int count, std::int8_t* map) const {
    if (is_joined_) return join(x, first, count, map);
    copy_rows(x, first, count, map, raise_of(level_), [&](const std::int8_t* from, std::int8_t* to, int inside_rows) {
      if (inside() == width && width == x_[1])
        copy_pixels(from, to, inside_rows * width);
      else if (is_avx512(level_))
        detail::raise_rows_avx512(from, to, inside_rows, size(x_[1]), size(before()), size(inside()), size(width));
      else
        dispatch<detail::RaiseRows>(from, to, inside_rows, size(x_[1]), size(before()), size(inside()),
                                    size(width - before() - inside()), raise_of(level_));
    });
  }

  /// Copies pixels that follow each other.
  void copy_pixels(const std::int8_t* x, std::int8_t* y, int pixels) const {
    if (is_avx512(level_))
      detail::raise_rows_avx512(x, y, 1, 0, 0, size(pixels), size(pixels));
    else
      dispatch<detail::RaiseRows>(x, y, 1, std::size_t{0}, std::size_t{0}, size(pixels), std::size_t{0},
                                  raise_of(level_));
  }

 private:
  void join(const std::int8_t* from, int first, int count, std::int8_t* map) const {
    const std::int8_t* rows_of_window[most_joined_rows];
    for (int oy = first; oy < first + count; ++oy, map += row_step) {
      for (int ky = 0; ky < columns_.rows; ++ky) {
        const int iy = oy * stride_ - top_ + ky * dilation_;
        rows_of_window[ky] = iy >= 0 && iy < x_[0] ? from + size(iy * x_[1]) : zeros_.data();
      }
      detail::join_rows_avx512(columns_, rows_of_window, map);
    }
  }

  int dilation_ = 1;
  Int8Level level_ = Int8Level::Portable;
  bool is_joined_ = false;
  JoinedColumns columns_;
  AlignedVector<std::int8_t> zeros_;  // a row outside of the map
};

}  // namespace quench::host
