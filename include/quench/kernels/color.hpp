// SPDX-License-Identifier: Apache-2.0
// Colours of pixels as the hardware takes them: full-range BT.601 YUV444, or gray, minus 128. In integers, so that
// training and device see the same codes. Freestanding.
#pragma once

#include <cstdint>

namespace quench::kernels {

/// A pixel in centred YUV444.
struct CenteredYuv {
  std::int8_t y = 0, u = 0, v = 0;

  friend constexpr bool operator==(const CenteredYuv&, const CenteredYuv&) = default;
};

/// A red-green-blue pixel in centred YUV444.
/// Rounding half up: (W . rgb + 128) >> 8, W = [77, 150, 29], [-43, -84, 127], [127, -106, -21]
/// Errors   none: every result lies in [-128, 127]
/// Source   nash.md section 1
constexpr CenteredYuv rgb_to_centered_yuv444(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  const auto weighted = [&](int of_red, int of_green, int of_blue, int offset) {
    const int sum = of_red * red + of_green * green + of_blue * blue;
    return static_cast<std::int8_t>(((sum + 128) >> 8) + offset - 128);
  };
  return {weighted(77, 150, 29, 0), weighted(-43, -84, 127, 128), weighted(127, -106, -21, 128)};
}

/// An unsigned code, 128 subtracted.
constexpr std::int8_t centered(std::uint8_t code) { return static_cast<std::int8_t>(code - 128); }

}  // namespace quench::kernels
