// SPDX-License-Identifier: Apache-2.0
// Sum and difference of int8 tensors of one shape on a Cortex-M with vectors: four codes at a time. Freestanding.
#pragma once

#include <quench/device/mve/codes.hpp>
#include <quench/kernels/add.hpp>

#if defined(__ARM_FEATURE_MVE) && !defined(__ARM_BIG_ENDIAN)

namespace quench::device::mve {

/// y[i] = sum(a[i], b[i]).
inline void add_codes(const std::int8_t* a, const std::int8_t* b, std::int8_t* y, int count,
                      const kernels::WeightedSum<std::int8_t>& sum) {
  const int32x4_t low = vdupq_n_s32(lowest_code<std::int8_t>(sum.low));
  const int32x4_t high = vdupq_n_s32(highest_code<std::int8_t>(sum.high));
  const int16x8_t multiplier = vdupq_n_s16(sum.requantization.multiplier);
  const std::int32_t before = -sum.requantization.pre_shift, after = -sum.requantization.post_shift;
  const std::int32_t first = sum.first, second = sum.second;
  int i = 0;
  for (; i <= count - 4; i += 4) {
    int32x4_t acc = vmulq_n_s32(vldrbq_s32(a + i), first);
    acc = vrshlq_n_s32(vmlaq_n_s32(acc, vldrbq_s32(b + i), second), before);
    acc = vrshlq_n_s32(vmullbq_int_s16(vqmovnbq_s32(multiplier, acc), multiplier), after);
    vstrbq_s32(y + i, vminq_s32(vmaxq_s32(acc, low), high));
  }
  for (; i < count; ++i) y[i] = static_cast<std::int8_t>(sum(a[i], b[i]));
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

}  // namespace quench::device::mve

#endif
