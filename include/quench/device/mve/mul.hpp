// SPDX-License-Identifier: Apache-2.0
// Product of int8 tensors of one shape on a Cortex-M with vectors: four codes at a time. Freestanding.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/kernels/mul.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// kernels::mul, bit for bit.
inline void mul(const std::int8_t* a, const Shape& a_shape, const std::int8_t* b, const Shape& b_shape, std::int8_t* y,
                const Requantization& requantization) {
  if (a_shape != b_shape) return kernels::mul(a, a_shape, b, b_shape, y, requantization);
  const Requantization settings = requantization;  // no store of a code can change it
  const OneRecord record(settings);
  const int count = a_shape.elements();
  int i = 0;
  for (; i <= count - 4; i += 4)
    vstrbq_s32(y + i, saturated_four(scaled_four(vmulq_s32(vldrbq_s32(a + i), vldrbq_s32(b + i)), record)));
  for (; i < count; ++i) y[i] = static_cast<std::int8_t>(requantize<8>(a[i] * b[i], settings));
}

}  // namespace quench::device::mve

#endif
