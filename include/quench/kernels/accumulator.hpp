// SPDX-License-Identifier: Apache-2.0
// Sums of products, and what becomes of them. Shared by convolutions, linear and matmul.
//
// An int32 accumulator never overflows if Σ|w| * max|x| + |bias| does not pass 2^31 - 1: then no partial sum passes it
// either, whatever the order. Converting a network proves that for the actual weights. An int16 operand is made
// narrower first, so that the same bound can be kept without 64-bit arithmetic. Source: nash.md section 4.
// Freestanding.
#pragma once

#include <cstdint>
#include <type_traits>

#include <quench/bits/multiplier.hpp>
#include <quench/bits/narrow.hpp>

namespace quench::kernels {

/// What turns the accumulators of the output channels into codes.
/// Units    bias: int32 at the accumulator's scale; requantization: from that scale to the output's
/// Errors   none; undefined unless requantization is given where the output is int8 or int16
struct OutputChannels {
  const std::int32_t* bias = nullptr;              // one for each channel, or none
  const Requantization* requantization = nullptr;  // one for each channel; not used where the output is int32
  std::int32_t low = INT32_MIN;                    // codes are held in [low, high]: a fused ReLU or ReLU6
  std::int32_t high = INT32_MAX;
};

namespace detail {

template <class T>
inline constexpr bool is_code = std::is_same_v<T, std::int8_t> || std::is_same_v<T, std::int16_t>;

/// The number of bits of an integer type.
template <class T>
inline constexpr int bits_of = static_cast<int>(8 * sizeof(T));

constexpr std::int32_t clamp(std::int32_t x, std::int32_t low, std::int32_t high) {
  return x < low ? low : x > high ? high : x;
}

/// An operand of a product. An int16 code is shifted right, half up; an int8 code is taken as it is.
template <class T>
constexpr std::int32_t operand(T code, int shift) {
  static_assert(is_code<T>);
  if constexpr (std::is_same_v<T, std::int8_t>)
    return code;
  else
    return round_half_up_shift(code, shift);
}

/// Σ x[i] * w[i], with int16 operands shifted right. Four at a time, because a loop costs more than a product.
/// Errors   none; undefined if a partial sum leaves int32
template <class X, class W>
constexpr std::int32_t dot(const X* x, const W* w, int count, int x_shift, int w_shift = 0) {
  std::int32_t acc = 0;
  for (; count >= 4; count -= 4, x += 4, w += 4)
    acc += operand(x[0], x_shift) * operand(w[0], w_shift) + operand(x[1], x_shift) * operand(w[1], w_shift) +
           operand(x[2], x_shift) * operand(w[2], w_shift) + operand(x[3], x_shift) * operand(w[3], w_shift);
  for (; count > 0; --count) acc += operand(*x++, x_shift) * operand(*w++, w_shift);
  return acc;
}

/// The same where the elements of x, of w or of both are not neighbours.
template <class X, class W>
constexpr std::int32_t dot_strided(const X* x, int x_step, const W* w, int w_step, int count, int x_shift,
                                   int w_shift = 0) {
  std::int32_t acc = 0;
  for (int at_x = 0, at_w = 0; count > 0; --count, at_x += x_step, at_w += w_step)
    acc += operand(x[at_x], x_shift) * operand(w[at_w], w_shift);
  return acc;
}

/// The accumulator a channel begins with.
constexpr std::int32_t first_value(const OutputChannels& output, int channel) {
  return output.bias != nullptr ? output.bias[channel] : 0;
}

/// The output code of an accumulator: the accumulator itself for int32, else requantized; then clamped.
template <class Y>
constexpr Y finish(std::int32_t acc, const OutputChannels& output, int channel) {
  if constexpr (!std::is_same_v<Y, std::int32_t>) {
    static_assert(is_code<Y>);
    acc = requantize<bits_of<Y>>(acc, output.requantization[channel]);
  }
  return static_cast<Y>(clamp(acc, output.low, output.high));
}

}  // namespace detail
}  // namespace quench::kernels
