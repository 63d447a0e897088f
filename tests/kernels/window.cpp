// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/window.hpp>

#include <doctest/doctest.h>

namespace k = quench::kernels;

namespace {

// The definition: tap by tap.
constexpr bool agrees(int origin, int kernel, int dilation, int extent) {
  const k::Taps taps = k::taps_inside(origin, kernel, dilation, extent);
  if (taps.origin != origin || taps.begin < 0 || taps.begin > taps.end || taps.end > kernel) return false;
  for (int tap = 0; tap < kernel; ++tap) {
    const int pixel = origin + tap * dilation;
    const bool is_inside = pixel >= 0 && pixel < extent;
    if (is_inside != (tap >= taps.begin && tap < taps.end)) return false;
  }
  return true;
}

constexpr bool all_agree(int largest) {
  for (int origin = -2 * largest; origin <= 2 * largest; ++origin)
    for (int kernel = 1; kernel <= largest; ++kernel)
      for (int dilation = 1; dilation <= largest; ++dilation)
        for (int extent = 1; extent <= largest; ++extent)
          if (!agrees(origin, kernel, dilation, extent)) return false;
  return true;
}

}  // namespace

static_assert(all_agree(4));

TEST_CASE("the taps inside a map are those whose pixel exists") { CHECK(all_agree(9)); }
