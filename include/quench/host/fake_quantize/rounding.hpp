// SPDX-License-Identifier: Apache-2.0
// The rounding of all fake-quantization loops.
//
// Rounding is half to even, by adding and subtracting 1.5 * 2^23: exact below 2^22, and two plain additions. The sum
// has the code in its low bits. NaN passes the clamp and sets a high bit that no code sets, so one `or` for each value
// finds it.
#pragma once

#include <cmath>
#include <cstdint>

#include <quench/host/fake_quantize/layout.hpp>

namespace quench::host {

namespace detail {

inline constexpr float rounding_constant = 12582912.0f;  // 1.5 * 2^23
inline constexpr std::uint32_t nan_bit = 0x20000000;     // of rounding_constant + code

// x clamped to [low, high]; NaN stays NaN.
[[gnu::always_inline]] inline float clamped(float x, float low, float high) {
  const float raised = low > x ? low : x;
  return high < raised ? high : raised;
}

// The range of values that round to the codes without saturation; halves round to even codes. A value clamped to this
// range rounds to the code of the value. So one clamp both saturates and finds the values inside.
struct InsideLimits {
  float low, high;

  explicit InsideLimits(CodeLimits limits) : low(limits.qmin - 0.5f), high(limits.qmax + 0.5f) {
    if (static_cast<int>(limits.qmin) % 2 != 0) low = std::nextafter(low, 0.0f);
    if (static_cast<int>(limits.qmax) % 2 != 0) high = std::nextafter(high, 0.0f);
  }
};

}  // namespace detail

}  // namespace quench::host
