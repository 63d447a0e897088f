// SPDX-License-Identifier: Apache-2.0
// Colours against real BT.601 and against known pixels.
#include <quench/kernels/color.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>

using namespace quench::kernels;

namespace {

constexpr bool known_pixels() {
  return rgb_to_centered_yuv444(0, 0, 0) == CenteredYuv{-128, 0, 0} &&
         rgb_to_centered_yuv444(255, 255, 255) == CenteredYuv{127, 0, 0} &&
         rgb_to_centered_yuv444(255, 0, 0) == CenteredYuv{-51, -43, 127} &&
         rgb_to_centered_yuv444(0, 255, 0) == CenteredYuv{21, -84, -106} &&
         rgb_to_centered_yuv444(0, 0, 255) == CenteredYuv{-99, 127, -21};
}
static_assert(known_pixels());
static_assert(centered(0) == -128 && centered(128) == 0 && centered(255) == 127);

}  // namespace

TEST_CASE("black, white, red, green and blue are those of nash.md") { CHECK(known_pixels()); }

TEST_CASE("every pixel is within two codes of real BT.601, and none wraps around") {
  double largest = 0;
  for (int r = 0; r < 256; r += 3)
    for (int g = 0; g < 256; g += 3)
      for (int b = 0; b < 256; b += 3) {
        const auto pixel = rgb_to_centered_yuv444(static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g),
                                                  static_cast<std::uint8_t>(b));
        const double y = 0.299 * r + 0.587 * g + 0.114 * b;
        const double u = (b - y) / 1.772, v = (r - y) / 1.402;
        largest = std::max({largest, std::abs(pixel.y - (y - 128)), std::abs(pixel.u - u), std::abs(pixel.v - v)});
      }
  CHECK(largest < 2);
}
