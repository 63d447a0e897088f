// SPDX-License-Identifier: Apache-2.0
// Arrays of integers, converted to another scale or another type.
//
// No ratio gives a record with multiplier 0. It means equal scales: codes are kept and saturated. Freestanding.
#pragma once

#include <quench/kernels/accumulator.hpp>

namespace quench::kernels {

/// The record for equal scales: codes are kept, and saturated if the result is narrower.
inline constexpr Requantization same_scale{};

namespace detail {

/// One code or accumulator at another scale or at the same.
template <int Bits>
constexpr std::int32_t rescale(std::int32_t x, const Requantization& record) {
  return record == same_scale ? saturate<Bits>(x) : requantize<Bits>(x, record);
}

}  // namespace detail

/// A tensor converted to another scale.
/// Shapes   x [count] -> y [count]
/// Units    x: int8, int16 or int32 at s_x; y: codes of Bits bits (4, 8 or 16) at s_y
/// Rounding as `quench::requantize`; with `same_scale` none
/// Errors   none; y may be x if their types are equal
/// Equals   saturate(round(x * s_x / s_y)) within 1 for int8, within 3 for int16
/// Source   nash.md section 4
template <int Bits, class X, class Y>
constexpr void requantize_tensor(const X* x, Y* y, int count, const Requantization& record) {
  static_assert(Bits <= bits_of<Y>);
  for (int i = 0; i < count; ++i) y[i] = static_cast<Y>(detail::rescale<Bits>(x[i], record));
}

/// The same with a record for each channel, the last axis.
/// Shapes   x [pixels,C], records [C] -> y [pixels,C]
template <int Bits, class X, class Y>
constexpr void requantize_channels(const X* x, Y* y, int pixels, int channels, const Requantization* records) {
  static_assert(Bits <= bits_of<Y>);
  for (int pixel = 0; pixel < pixels; ++pixel)
    for (int c = 0; c < channels; ++c) *y++ = static_cast<Y>(detail::rescale<Bits>(*x++, records[c]));
}

}  // namespace quench::kernels
