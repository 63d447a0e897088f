// SPDX-License-Identifier: Apache-2.0
// The code of a real number, for firmware that reads its inputs as floats. The engine itself never calls this.
//
// One float product, and then integers: the bits of the product are rounded, so that no compiler joins the product and the
// rounding to one operation with another result. Source: nash.md section 1. Freestanding.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include <quench/network/dtypes.hpp>

namespace quench::device {

/// The code that the host's QuantStub gives a real number.
/// Units    x real; the result: int8 or int16, at `scale`
/// Rounding half to even, then saturation; infinities saturate
/// Errors   none; NaN becomes 0, where the host refuses it
/// Equals   clamp(round_half_even(x * (1 / scale)), qmin, qmax), the reciprocal taken once, in float
/// Source   nash.md section 1
template <class Code>
constexpr Code quantize(float x, float scale) {  // asked for by the firmware
  static_assert(std::is_same_v<Code, std::int8_t> || std::is_same_v<Code, std::int16_t>, "codes are int8 or int16");
  const CodeRange range = code_range(sizeof(Code) == 1 ? DType::Int8 : DType::Int16);
  const float reciprocal = 1.0f / scale;                           // asked for by the firmware
  const auto bits = std::bit_cast<std::uint32_t>(x * reciprocal);  // sign, exponent of 8 bits, fraction of 23
  const std::uint32_t exponent = bits >> 23 & 255, fraction = bits & 0x7fffff;
  const bool is_negative = bits >> 31 != 0;
  if (exponent < 126 || (exponent == 255 && fraction != 0)) return 0;                         // below 1/2; NaN
  if (exponent >= 127 + 16) return static_cast<Code>(is_negative ? range.qmin : range.qmax);  // from 2^16 on
  const std::uint32_t shift = 150 - exponent, significand = fraction | 0x800000;              // significand * 2^-shift
  const std::uint32_t whole = significand >> shift, rest = significand << (32 - shift);
  const auto rounded = static_cast<std::int32_t>(whole + (rest > 0x80000000 || (rest == 0x80000000 && whole % 2 != 0)));
  const std::int32_t code = is_negative ? -rounded : rounded;
  return static_cast<Code>(code < range.qmin ? range.qmin : code > range.qmax ? range.qmax : code);
}

}  // namespace quench::device
