// SPDX-License-Identifier: Apache-2.0
// The integer types of quantized tensors. All are symmetric (zero point 0) and use their full range: -128 is a code.
// Source: nash.md section 1. Freestanding.
#pragma once

#include <cstdint>

#include <quench/ground/prerequisites.hpp>

namespace quench {

/// The type of a tensor's elements, as a value.
enum class DType : unsigned char { Float32, Int4, Int8, Int16, Int32 };

/// int4, codes [-8, 7]. A storage type for weights.
struct QInt4 {
  static constexpr DType dtype = DType::Int4;
  using storage = std::int8_t;
  static constexpr std::int32_t qmin = -8, qmax = 7;
};

/// int8, codes [-128, 127].
struct QInt8 {
  static constexpr DType dtype = DType::Int8;
  using storage = std::int8_t;
  static constexpr std::int32_t qmin = -128, qmax = 127;
};

/// int16, codes [-32768, 32767].
struct QInt16 {
  static constexpr DType dtype = DType::Int16;
  using storage = std::int16_t;
  static constexpr std::int32_t qmin = -32768, qmax = 32767;
};

/// int32: accumulators, biases, high-precision outputs.
struct QInt32 {
  static constexpr DType dtype = DType::Int32;
  using storage = std::int32_t;
  static constexpr std::int32_t qmin = INT32_MIN, qmax = INT32_MAX;
};

/// The smallest and the largest code of a dtype.
struct CodeRange {
  std::int32_t qmin = 0, qmax = 0;

  friend constexpr bool operator==(const CodeRange&, const CodeRange&) = default;
};

/// The codes of an integer dtype; none for Float32.
constexpr CodeRange code_range(DType dtype) {
  switch (dtype) {
    case DType::Int4: return {QInt4::qmin, QInt4::qmax};
    case DType::Int8: return {QInt8::qmin, QInt8::qmax};
    case DType::Int16: return {QInt16::qmin, QInt16::qmax};
    case DType::Int32: return {QInt32::qmin, QInt32::qmax};
    case DType::Float32: break;
  }
  return {};
}

/// The bits of a code: 4, 8, 16 or 32.
constexpr int bits_of(DType dtype) {
  return dtype == DType::Int4 ? 4 : dtype == DType::Int8 ? 8 : dtype == DType::Int16 ? 16 : 32;
}

}  // namespace quench
