// SPDX-License-Identifier: Apache-2.0
// Copies maps of int8 or int16 codes as int16, shifted and with their padding, band by band.
#pragma once

#include <cstring>
#include <vector>

#include <quench/host/dispatch.hpp>
#include <quench/host/integer/bands.hpp>
#include <quench/host/scratch.hpp>

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

/// Bands of int16 codes.
class Int16Bands : public Bands {
 public:
  using Code = std::int16_t;

  Int16Bands() = default;
  /// `order`: the channel of x for each channel of the copy; empty if they are the same.
  Int16Bands(const kernels::Convolution& conv, std::vector<int> order, Isa isa)
      : Bands(conv, order.empty() ? conv.x[2] : static_cast<int>(order.size())),
        order_(std::move(order)),
        shift_(conv.x_shift),
        isa_(isa) {}

  /// The size of the copy of a band, including what kernels may read after it.
  std::size_t size_of_copy() const { return size(height_of(rows) * width) + 32; }

  /// The codes themselves if their copy would equal them.
  const std::int16_t* in_place(const std::int16_t* x) const { return shift_ == 0 ? x : nullptr; }
  const std::int16_t* in_place(const std::int8_t*) const { return nullptr; }

  /// Copies the input rows of `count` output rows, beginning with `first`.
  template <class X>
  void copy(const X* x, int first, int count, std::int16_t* map) const {
    copy_rows(x, first, count, map, 0, [&](const X* from, std::int16_t* to, int inside_rows) {
      const int after = width - before() - inside();
      for (; inside_rows > 0; --inside_rows, from += static_cast<std::ptrdiff_t>(x_[1]) * x_[2], to += size(width)) {
        std::memset(to, 0, 2 * size(before()));
        copy_pixels(from, to + size(before()), inside());
        std::memset(to + size(width - after), 0, 2 * size(after));
      }
    });
  }

  /// Copies contiguous pixels.
  template <class X>
  void copy_pixels(const X* from, std::int16_t* to, int pixels) const {
    const std::size_t count = static_cast<std::size_t>(pixels) * static_cast<std::size_t>(x_[2]);
    if (order_.empty()) return detail::widen(from, to, count, shift_, isa_);
    std::int16_t* row = detail::scratch<detail::Scratch::Pixels, std::int16_t>(count);
    detail::widen(from, row, count, shift_, isa_);
    for (int i = 0; i < pixels; ++i, row += x_[2])
      for (const int channel : order_) *to++ = row[channel];
  }

 private:
  std::vector<int> order_;
  int shift_ = 0;
  Isa isa_ = Isa::Baseline;
};

}  // namespace quench::host
