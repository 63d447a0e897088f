// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/scale.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>

#include <quench/tensors/error.hpp>

namespace quench {

namespace tensors {

QUENCH_INLINE std::string text(double value) {
  if (std::isnan(value)) return "nan";  // its sign means nothing
  char buffer[32];
  return {buffer, std::to_chars(buffer, std::end(buffer), value, std::chars_format::general, 9).ptr};
}

QUENCH_INLINE std::string fixed(double value, int decimals) {
  char buffer[400];
  return {buffer, std::to_chars(buffer, std::end(buffer), value, std::chars_format::fixed, decimals).ptr};
}

QUENCH_INLINE float rounded_product(float a, float b) {
  volatile float product = a * b;
  return product;
}

QUENCH_INLINE CodedRange coded_range(float scale, DType dtype) {
  const CodeRange codes = code_range(dtype);
  const double wide = static_cast<double>(scale) * (1 + std::ldexp(1.0, -20));
  return {(codes.qmin - 0.5) * wide, (codes.qmax + 0.5) * wide};
}

}  // namespace tensors

QUENCH_INLINE float checked_scale(float scale) {
  if (!(scale >= smallest_scale && scale <= std::numeric_limits<float>::max()))
    throw Error(diagnosis::scale_out_of_range, "the scale is " + tensors::text(static_cast<double>(scale)));
  return scale;
}

QUENCH_INLINE float checked_accumulator_scale(double scale) {
  if (!(scale >= static_cast<double>(std::numeric_limits<float>::min()) &&
        scale <= static_cast<double>(std::numeric_limits<float>::max())))
    throw Error(diagnosis::scale_out_of_range, "the scale of the accumulator is " + tensors::text(scale));
  return static_cast<float>(scale);
}

QUENCH_INLINE float raw_scale(float magnitude, DType dtype) {
  const CodeRange codes = code_range(dtype);
  return magnitude / (static_cast<float>(codes.qmax - codes.qmin) / 2);
}

QUENCH_INLINE float magnitude_of(float scale, DType dtype) {
  const CodeRange codes = code_range(dtype);
  return std::min(scale * (static_cast<float>(codes.qmax - codes.qmin) / 2), std::numeric_limits<float>::max());
}

QUENCH_INLINE float scale_from_magnitude(float magnitude, DType dtype) {
  if (magnitude == 0) throw Error(diagnosis::only_zeros_observed, "");
  const float scale = raw_scale(magnitude, dtype);
  if (scale < smallest_scale && dtype == DType::Int16 && raw_scale(magnitude, DType::Int8) >= smallest_scale)
    return smallest_scale;
  if (scale < smallest_scale)
    throw Error(diagnosis::scale_underflow,
                "the largest magnitude is " + tensors::text(static_cast<double>(magnitude)));
  return checked_scale(scale);
}

QUENCH_INLINE std::int32_t to_code(float x, float reciprocal, CodeRange codes) {
  const float scaled = x * reciprocal;
  const float held = std::min(std::max(scaled, static_cast<float>(codes.qmin)), static_cast<float>(codes.qmax));
  return static_cast<std::int32_t>(std::nearbyint(held));
}

QUENCH_INLINE Requantization requantization(double ratio, int bits, RequantizeFrom from) {
  if (!(ratio > 0x1p-31 && ratio < 0x1p15))
    throw Error(diagnosis::scales_too_far_apart, "the factor is " + tensors::text(ratio));
  int exponent = 0;
  const double mantissa = std::frexp(ratio, &exponent);
  const int total = 15 - exponent;
  const int pre = from == RequantizeFrom::Accumulators ? std::clamp(total - (29 - (bits - 1)), 0, 31) : 0;
  Requantization record;
  record.multiplier = static_cast<std::int16_t>(std::min(std::floor(mantissa * 0x1p15 + 0.5), 32767.0));
  record.pre_shift = static_cast<std::uint8_t>(pre);
  record.post_shift = static_cast<std::uint8_t>(std::clamp(total - pre, 0, 31));
  return record;
}

}  // namespace quench
