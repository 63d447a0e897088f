// SPDX-License-Identifier: Apache-2.0
// Sum and difference of int8 tensors of one shape with DSP instructions. Freestanding.
#pragma once

#include <quench/device/dsp/words.hpp>
#include <quench/kernels/add.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// y[i] = sum(a[i], b[i]).
[[gnu::noinline]] inline void add_codes(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int count,
                                        const kernels::WeightedSum<std::int8_t>& sum) {
  const std::int32_t first = sum.first, second = sum.second;
  const Requantization record = sum.requantization;
  const auto code = [&](int i) __attribute__((always_inline)) {
    y[i] = code_of<std::int8_t>(a[i] * first + b[i] * second, record);
  };
  int left = count;
  for (; left >= 4; left -= 4, a += 4, b += 4, y += 4) code(0), code(1), code(2), code(3);
  for (; left > 0; --left, ++a, ++b, ++y) code(0);
  clamp_codes(y - count, count, sum.low, sum.high);
}

/// kernels::add, bit for bit.
inline void add(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape, std::int8_t* y,
                const kernels::Addition& addition) {
  if (a_shape == b_shape) return add_codes(a, b, y, a_shape.elements(), {addition, 1});
  kernels::add(a, a_shape, b, b_shape, y, addition);
}

/// kernels::sub, bit for bit.
inline void sub(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape, std::int8_t* y,
                const kernels::Addition& addition) {
  if (a_shape == b_shape) return add_codes(a, b, y, a_shape.elements(), {addition, -1});
  kernels::sub(a, a_shape, b, b_shape, y, addition);
}

}  // namespace quench::device::dsp

#endif
