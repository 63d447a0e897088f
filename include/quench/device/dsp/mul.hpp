// SPDX-License-Identifier: Apache-2.0
// Product of int8 tensors of one shape with DSP instructions. Freestanding.
#pragma once

#include <quench/device/dsp/words.hpp>
#include <quench/kernels/mul.hpp>

#if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::dsp {

/// y[i] = a[i] * b[i], requantized.
[[gnu::noinline]] inline void mul_codes(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int left,
                                        Requantization record) {
  const auto code = [&](int i) __attribute__((always_inline)) { y[i] = code_of<std::int8_t>(a[i] * b[i], record); };
  for (; left >= 4; left -= 4, a += 4, b += 4, y += 4) code(0), code(1), code(2), code(3);
  for (; left > 0; --left, ++a, ++b, ++y) code(0);
}

/// kernels::mul, bit for bit.
inline void mul(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape, std::int8_t* y,
                const Requantization& requantization) {
  if (a_shape == b_shape) return mul_codes(a, b, y, a_shape.elements(), requantization);
  kernels::mul(a, a_shape, b, b_shape, y, requantization);
}

}  // namespace quench::device::dsp

#endif
