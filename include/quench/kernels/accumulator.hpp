// SPDX-License-Identifier: Apache-2.0
// Sums of products, and their conversion to codes. Convolutions, linear and matmul share them.
//
// An int32 accumulator never overflows if Σ|w| * max|x| + |bias| is at most 2^31 - 1: then no partial sum overflows in
// any order. Converting a network proves that for the actual weights. An int16 operand is first shifted right, so that
// the same bound holds without 64-bit arithmetic. Source: nash.md section 4. Freestanding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <quench/bits/multiplier.hpp>
#include <quench/bits/narrow.hpp>
#include <quench/network/symbol.hpp>

namespace quench::kernels {

/// How the accumulators of the output channels become codes.
/// Units    bias: int32 at the accumulator's scale; requantization: from that scale to the output's
/// Errors   none; undefined if an int8 or int16 output has no requantization
struct OutputChannels {
  const std::int32_t* bias = nullptr;              // one for each channel, or none
  const Requantization* requantization = nullptr;  // one for each channel; not used if the output is int32
  std::int32_t low = INT32_MIN;                    // codes are clamped to [low, high]: a fused ReLU or ReLU6
  std::int32_t high = INT32_MAX;
};

/// True for the types of codes that kernels take as operands.
template <class T>
inline constexpr bool is_code = std::is_same_v<T, std::int8_t> || std::is_same_v<T, std::int16_t>;

/// The bits of a code type.
template <class T>
inline constexpr int bits_of = static_cast<int>(8 * sizeof(T));

constexpr std::int32_t clamp(std::int32_t x, std::int32_t low, std::int32_t high) {
  const std::int32_t raised = x < low ? low : x;
  return raised > high ? high : raised;
}

namespace detail {

/// An operand of a product. An int16 code is shifted right, half up; an int8 code is unchanged.
template <class T>
constexpr std::int32_t operand(T code, int shift) {
  static_assert(is_code<T>);
  if constexpr (std::is_same_v<T, std::int8_t>)
    return code;
  else
    return round_half_up_shift(code, shift);
}

/// Returns the sum. The optimizer cannot see that the value is the same, so it keeps the sum in a register. Otherwise
/// GCC 12 for a Cortex-M55 packs neighbouring sums into a vector and unpacks the vector for each product: a conv then
/// takes twice the instructions.
constexpr std::int32_t apart(std::int32_t sum) {
  if (!std::is_constant_evaluated()) __asm__("" : "+r"(sum));
  return sum;
}

/// The sums of filters that see the same x.
template <int Filters>
struct Sums {
  std::int32_t of[static_cast<std::size_t>(Filters)]{};
};

/// Matching codes of x and of a filter: `count` runs of `length` neighbours. Runs start
/// `x_step` and `w_step` codes apart.
struct Runs {
  int count, length, x_step, w_step;
};

// Eight products are added at a time, because a loop costs more than a product. Several filters are computed together,
// because a code is then loaded once for all of them. The products are written out, with a variable for each sum:
// arrays, lambdas and references make GCC 12 spill registers on a Cortex-M4,which costs 50 % more instructions.

/// Adds Σ x * w over runs to the sums of four filters, `filter_step` codes apart. Int16 codes of x are shifted right.
/// Errors   none; undefined if a partial sum leaves int32
template <class X>
constexpr void add_dot(Sums<4>& sums, const X* x, const std::int8_t* w, int filter_step, const Runs& runs,
                       int x_shift) {
  std::int32_t a = sums.of[0], b = sums.of[1], c = sums.of[2], d = sums.of[3], v = 0;
  for (int run = 0, at_x = 0, at_w = 0; run < runs.count; ++run, at_x += runs.x_step, at_w += runs.w_step) {
    const X* p = x + at_x;
    const std::int8_t *w0 = w + at_w, *w1 = w0 + filter_step, *w2 = w1 + filter_step, *w3 = w2 + filter_step;
    int count = runs.length;
    for (; count >= 8; count -= 8, p += 8, w0 += 8, w1 += 8, w2 += 8, w3 += 8) {
      v = operand(p[0], x_shift), a += v * w0[0], b += v * w1[0], c += v * w2[0], d += v * w3[0];
      v = operand(p[1], x_shift), a += v * w0[1], b += v * w1[1], c += v * w2[1], d += v * w3[1];
      v = operand(p[2], x_shift), a += v * w0[2], b += v * w1[2], c += v * w2[2], d += v * w3[2];
      v = operand(p[3], x_shift), a += v * w0[3], b += v * w1[3], c += v * w2[3], d += v * w3[3];
      v = operand(p[4], x_shift), a += v * w0[4], b += v * w1[4], c += v * w2[4], d += v * w3[4];
      v = operand(p[5], x_shift), a += v * w0[5], b += v * w1[5], c += v * w2[5], d += v * w3[5];
      v = operand(p[6], x_shift), a += v * w0[6], b += v * w1[6], c += v * w2[6], d += v * w3[6];
      v = operand(p[7], x_shift), a += v * w0[7], b += v * w1[7], c += v * w2[7], d += v * w3[7];
    }
    for (; count > 0; --count)
      v = operand(*p++, x_shift), a += v * *w0++, b += v * *w1++, c += v * *w2++, d += v * *w3++;
  }
  sums = {{apart(a), apart(b), apart(c), apart(d)}};
}

/// The same for two filters.
template <class X>
constexpr void add_dot(Sums<2>& sums, const X* x, const std::int8_t* w, int filter_step, const Runs& runs,
                       int x_shift) {
  std::int32_t a = sums.of[0], b = sums.of[1], v = 0;
  for (int run = 0, at_x = 0, at_w = 0; run < runs.count; ++run, at_x += runs.x_step, at_w += runs.w_step) {
    const X* p = x + at_x;
    const std::int8_t *w0 = w + at_w, *w1 = w0 + filter_step;
    int count = runs.length;
    for (; count >= 8; count -= 8, p += 8, w0 += 8, w1 += 8) {
      v = operand(p[0], x_shift), a += v * w0[0], b += v * w1[0];
      v = operand(p[1], x_shift), a += v * w0[1], b += v * w1[1];
      v = operand(p[2], x_shift), a += v * w0[2], b += v * w1[2];
      v = operand(p[3], x_shift), a += v * w0[3], b += v * w1[3];
      v = operand(p[4], x_shift), a += v * w0[4], b += v * w1[4];
      v = operand(p[5], x_shift), a += v * w0[5], b += v * w1[5];
      v = operand(p[6], x_shift), a += v * w0[6], b += v * w1[6];
      v = operand(p[7], x_shift), a += v * w0[7], b += v * w1[7];
    }
    for (; count > 0; --count) v = operand(*p++, x_shift), a += v * *w0++, b += v * *w1++;
  }
  sums = {{apart(a), apart(b)}};
}

/// Σ x[i] * w[i], with int16 operands shifted right.
/// Errors   none; undefined if a partial sum leaves int32
template <class X, class W>
constexpr std::int32_t dot(const X* x, const W* w, int count, int x_shift, int w_shift = 0) {
  std::int32_t acc = 0;
  for (; count >= 4; count -= 4, x += 4, w += 4) {
    acc += operand(x[0], x_shift) * operand(w[0], w_shift);
    acc += operand(x[1], x_shift) * operand(w[1], w_shift);
    acc += operand(x[2], x_shift) * operand(w[2], w_shift);
    acc += operand(x[3], x_shift) * operand(w[3], w_shift);
  }
  for (; count > 0; --count) acc += operand(*x++, x_shift) * operand(*w++, w_shift);
  return acc;
}

/// The same for one filter.
template <class X>
constexpr void add_dot(Sums<1>& sums, const X* x, const std::int8_t* w, int, const Runs& runs, int x_shift) {
  for (int run = 0, at_x = 0, at_w = 0; run < runs.count; ++run, at_x += runs.x_step, at_w += runs.w_step)
    sums.of[0] += dot(x + at_x, w + at_w, runs.length, x_shift);
}

/// The same if the elements of x, of w or of both are not neighbours.
template <class X, class W>
constexpr std::int32_t dot_strided(const X* x, int x_step, const W* w, int w_step, int count, int x_shift,
                                   int w_shift = 0) {
  std::int32_t acc = 0;
  for (int at_x = 0, at_w = 0; count > 0; --count, at_x += x_step, at_w += w_step)
    acc += operand(x[at_x], x_shift) * operand(w[at_w], w_shift);
  return acc;
}

/// The initial accumulator of a channel.
constexpr std::int32_t first_value(const OutputChannels& output, int channel) {
  return output.bias != nullptr ? output.bias[channel] : 0;
}

}  // namespace detail

/// The output code of an accumulator: the accumulator itself for int32, else requantized; then clamped.
template <class Y>
[[gnu::always_inline]] constexpr Y finish(std::int32_t acc, const OutputChannels& output, int channel) {
  if constexpr (std::is_same_v<Y, std::int32_t>) {
    return clamp(acc, output.low, output.high);
  } else {
    static_assert(is_code<Y>);
    // One clamp also saturates.
    const std::int32_t lowest = -(1 << (bits_of<Y> - 1)), highest = -lowest - 1;
    const std::int32_t low = output.low < lowest ? lowest : output.low;
    const std::int32_t high = output.high > highest ? highest : output.high;
    return static_cast<Y>(clamp(scaled(acc, output.requantization[channel]), low, high));
  }
}

namespace detail {

/// The output code of a sum of products of the channel that `next` begins with. Moves `next` on by one channel.
template <class Y>
[[gnu::always_inline]] constexpr Y finish_next(std::int32_t sum, OutputChannels& next) {
  if (next.bias != nullptr) sum += *next.bias++;
  const Y code = finish<Y>(sum, next, 0);
  if constexpr (is_code<Y>) ++next.requantization;
  return code;
}

/// The same for neighbouring channels. Returns the place of the next code.
template <class Y, int Channels>
constexpr Y* finish_next(const Sums<Channels>& sums, Y* y, OutputChannels& next) {
  for (const std::int32_t sum : sums.of) *y++ = finish_next<Y>(sum, next);
  return y;
}

}  // namespace detail
}  // namespace quench::kernels
