// SPDX-License-Identifier: Apache-2.0
// PReLU of int8 or int16 codes: what kernels::prelu defines, then held in a range, equal bit for bit.
//
// A plain loop that compilers vectorise. One slope for all is repeated, so that a row is long.
#pragma once

#include <algorithm>

#include <quench/host/aligned.hpp>
#include <quench/host/integer/elementwise.hpp>
#include <quench/kernels/prelu.hpp>

namespace quench::host {

namespace detail {

// A code times a multiplier, and the half of a shift of 31, fit an int32.
static_assert(std::int64_t{32768} * 32767 + (std::int64_t{1} << 30) <= INT32_MAX);

/// The parts of the records for negative codes, and of the one for the others.
struct SlopeRecords {
  AlignedVector<std::int32_t> multiplier, half, shift;
  std::int32_t positive_multiplier, positive_half, positive_shift;

  SlopeRecords(const Requantization* records, std::size_t slopes, std::size_t width)
      : multiplier(width),
        half(width),
        shift(width),
        positive_multiplier(records[0].multiplier),
        positive_half(half_of(records[0])),
        positive_shift(records[0].post_shift) {
    for (std::size_t c = 0; c < width; ++c) {
      const Requantization& record = records[1 + (slopes == 1 ? 0 : c)];
      multiplier[c] = record.multiplier;
      half[c] = half_of(record);
      shift[c] = record.post_shift;
    }
  }

  static std::int32_t half_of(const Requantization& record) {
    return record.post_shift > 0 ? std::int32_t{1} << (record.post_shift - 1) : 0;
  }
};

struct SlopeLoop {
  template <class X, class Y>
  [[gnu::always_inline]] static void run(const X* x, Y* y, std::size_t rows, std::size_t width, std::size_t channels,
                                         const SlopeRecords* records, HeldRange<Y> range) {
    const std::int32_t* __restrict multiplier = records->multiplier.data();
    const std::int32_t* __restrict half = records->half.data();
    const std::int32_t* __restrict shift = records->shift.data();
    const std::int32_t times = records->positive_multiplier, plus = records->positive_half,
                       by = records->positive_shift;
    for (std::size_t row = 0; row < rows; ++row) {
      const X* __restrict from = x + row * width;
      Y* __restrict to = y + row * width;
      for (std::size_t c = 0; c < channels; ++c) {
        const std::int32_t code = from[c];
        const std::int32_t below = (code * multiplier[c] + half[c]) >> shift[c];
        const std::int32_t above = (code * times + plus) >> by;
        to[c] = static_cast<Y>(held(code < 0 ? below : above, range.low, range.high));
      }
    }
  }
};

}  // namespace detail

/// kernels::prelu of `count` codes with `slopes` slopes, then held in [low, high]. x and y do not overlap.
template <class X, class Y>
void prelu(const X* x, Y* y, std::size_t count, std::size_t slopes, const Requantization* records, std::int32_t low,
           std::int32_t high, Int8Level level = best_int8_level()) {
  const detail::HeldRange<Y> range(low, high);
  const auto with_slopes = [&](const X* from, Y* to, std::size_t size) {
    const std::size_t width = slopes == 1 ? std::min<std::size_t>(size, 256) : slopes, rows = size / width;
    const detail::SlopeRecords parts(records, slopes, width);
    run_for<detail::SlopeLoop>(isa_of(level), from, to, rows, width, width, &parts, range);
    run_for<detail::SlopeLoop>(isa_of(level), from + rows * width, to + rows * width, std::size_t{1}, width,
                               size - rows * width, &parts, range);
  };
  slopes == 1 ? detail::of_each_code(x, y, count, level, with_slopes) : with_slopes(x, y, count);
}

}  // namespace quench::host
