// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/records.hpp>

#include <algorithm>
#include <cmath>

#include <quench/kernels/maximum.hpp>
#include <quench/misuse/diagnoses.hpp>
#include <quench/tensors/error.hpp>

namespace quench {

QUENCH_INLINE kernels::Addition addition(ScaledType a, ScaledType b, ScaledType y) {
  kernels::Addition result;
  result.second_is_larger = a.scale < b.scale;
  const ScaledType &larger = result.second_is_larger ? b : a, &smaller = result.second_is_larger ? a : b;
  const int most = larger.dtype == DType::Int8 ? 23 : 15;
  const int shift = std::min(most, static_cast<int>(std::floor(std::log2(32767 * larger.scale / smaller.scale))));
  result.shift = static_cast<std::uint8_t>(shift);
  result.multiplier = static_cast<std::int16_t>(
      std::clamp(std::floor(std::ldexp(smaller.scale / larger.scale, shift) + 0.5), 0.0, 32767.0));
  result.requantization =
      requantization(std::ldexp(larger.scale, -shift) / y.scale, bits_of(y.dtype), RequantizeFrom::Accumulators);
  return result;
}

QUENCH_INLINE kernels::ScalarAddition scalar_addition(ScaledType x, double constant, ScaledType y) {
  int shift = x.dtype == DType::Int8 ? 23 : 15;
  const double steps = constant / x.scale;
  while (shift > 0 && std::abs(std::ldexp(steps, shift)) > 0x1p30) --shift;
  if (!(std::abs(std::ldexp(steps, shift)) <= 0x1p30))
    throw Error(diagnosis::scales_too_far_apart, "the constant is " + tensors::text(steps) + " steps of the input");
  kernels::ScalarAddition result;
  result.shift = static_cast<std::uint8_t>(shift);
  result.constant = static_cast<std::int32_t>(std::floor(std::ldexp(steps, shift) + 0.5));
  result.requantization =
      requantization(std::ldexp(x.scale, -shift) / y.scale, bits_of(y.dtype), RequantizeFrom::Accumulators);
  return result;
}

QUENCH_INLINE Requantization rescaling(ScaledType x, ScaledType y) {
  if (x.scale == y.scale) return kernels::same_scale;
  return requantization(x.scale / y.scale, bits_of(y.dtype), RequantizeFrom::Codes);
}

QUENCH_INLINE std::vector<Requantization> slope_records(ScaledType x, std::span<const float> slopes, ScaledType y) {
  const int bits = bits_of(y.dtype);
  std::vector<Requantization> records{requantization(x.scale / y.scale, bits, RequantizeFrom::Codes)};
  for (const float slope : slopes) {
    const double ratio = std::abs(static_cast<double>(slope)) * x.scale / y.scale;
    Requantization record;
    if (ratio > 0x1p-31) record = requantization(std::min(ratio, 32767.0), bits, RequantizeFrom::Codes);
    if (slope < 0) record.multiplier = static_cast<std::int16_t>(-record.multiplier);
    records.push_back(record);
  }
  return records;
}

}  // namespace quench
