// SPDX-License-Identifier: Apache-2.0
// Maps copied with their padding, band by band, so that what is copied stays in the cache until it is used.
#pragma once

#include <cstring>

#include <quench/host/int8_codes_avx512.hpp>
#include <quench/kernels/conv2d.hpp>

namespace quench::host {

namespace detail {

/// Memory of a thread that is used again by its next call.
inline std::uint8_t* byte_scratch(std::size_t size) {
  thread_local AlignedVector<std::uint8_t> memory;
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

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
  if (level == Int8Level::Avx512Vnni)
    raise_rows_avx512(x, y, 1, 0, 0, count, count);
  else
    dispatch<RaiseRows>(x, y, 1, std::size_t{0}, std::size_t{0}, count, std::size_t{0}, raise_of(level));
}

}  // namespace detail

/// How a map is cut into bands of output rows, and what windows meet of each.
struct MapBands {
  int rows = 0;               // output rows of a band
  int height = 0, width = 0;  // of the part of the padded map that a whole band meets
  int height_step = 1, top = 0, left = 0, window = 0;
  Shape x;

  MapBands() = default;
  explicit MapBands(const kernels::Convolution& conv) : x(conv.x) {
    const Pair kernel = conv.window.kernel_size, dilation = conv.window.dilation, stride = conv.window.stride;
    height_step = stride.height;
    top = conv.window.padding.height;
    left = conv.window.padding.width;
    window = (kernel.height - 1) * dilation.height + 1;
    width = (conv.y[1] - 1) * stride.width + (kernel.width - 1) * dilation.width + 1;
    constexpr int most_bytes = 1 << 17;
    const int fitting = most_bytes / (width * x[2]) - window;
    rows = std::clamp(fitting / height_step + 1, std::min(4, conv.y[0]), conv.y[0]);
    height = height_of(rows);
  }

  int height_of(int output_rows) const { return (output_rows - 1) * height_step + window; }
  /// What a copy of a band takes, and what kernels may read behind it.
  std::size_t bytes() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width * x[2]) + 64; }

  /// Copies what `count` output rows from `first` on meet.
  void copy(const std::int8_t* from, int first, int count, std::uint8_t* map, Int8Level level) const {
    const auto size = [this](int pixels) { return static_cast<std::size_t>(pixels * x[2]); };
    const int wanted = height_of(count), begin = first * height_step - top, x_begin = std::max(begin, 0);
    const int above = std::clamp(-begin, 0, wanted);
    const int inside = std::clamp(std::min(begin + wanted, x[0]) - x_begin, 0, wanted - above);
    const int before = std::min(left, width), columns = std::min(width - before, x[1]);
    std::memset(map, raise_of(level), size(above * width));
    map += size(above * width);
    from += size(x_begin * x[1]);
    if (columns == width && width == x[1])
      detail::raise(from, map, size(inside * width), level);
    else if (level == Int8Level::Avx512Vnni)
      detail::raise_rows_avx512(from, map, inside, size(x[1]), size(before), size(columns), size(width));
    else
      dispatch<detail::RaiseRows>(from, map, inside, size(x[1]), size(before), size(columns),
                                  size(width - before - columns), raise_of(level));
    map += size(inside * width);
    std::memset(map, raise_of(level), size((wanted - above - inside) * width));
  }
};

}  // namespace quench::host
