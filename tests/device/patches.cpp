// SPDX-License-Identifier: Apache-2.0
// The codes that a window reads, against a test of each tap.
#include <quench/device/patches.hpp>

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace q = quench;

namespace {

using Places = std::map<int, int>;  // of a code in the filter -> in the map

Places places_of(const q::device::Patch& patch) {
  Places places;
  for (int row = 0; row < patch.rows; ++row)
    for (int run = 0; run < patch.runs; ++run)
      for (int i = 0; i < patch.length; ++i)
        places[patch.w + row * patch.w_row + run * patch.w_run + i] =
            patch.x + row * patch.x_row + run * patch.x_run + i;
  return places;
}

Places tested_places(const q::kernels::Convolution& conv, int oy, int ox) {
  const q::kernels::Window& window = conv.window;
  const int depth = conv.x[2] / conv.groups;
  Places places;
  for (int ky = 0; ky < window.kernel_size.height; ++ky)
    for (int kx = 0; kx < window.kernel_size.width; ++kx) {
      const int iy = oy * window.stride.height - window.padding.height + ky * window.dilation.height;
      const int ix = ox * window.stride.width - window.padding.width + kx * window.dilation.width;
      if (iy < 0 || iy >= conv.x[0] || ix < 0 || ix >= conv.x[1]) continue;
      for (int i = 0; i < depth; ++i)
        places[(ky * window.kernel_size.width + kx) * depth + i] = (iy * conv.x[1] + ix) * conv.x[2] + i;
    }
  return places;
}

}  // namespace

TEST_CASE("a patch has the codes of a window that lie inside the map") {
  std::mt19937 random(5);
  const auto in = [&](int least, int most) { return std::uniform_int_distribution(least, most)(random); };
  for (int i = 0; i < 300; ++i) {
    q::kernels::Convolution conv;
    conv.groups = in(1, 3);
    conv.x = q::Shape(in(1, 6), in(1, 6), conv.groups * in(1, 3));
    conv.y = q::Shape(in(1, 7), in(1, 7), conv.groups);
    conv.window = {{in(1, 4), in(1, 4)}, {in(1, 3), in(1, 3)}, {in(0, 4), in(0, 4)}, {in(1, 3), in(1, 3)}};
    for (int oy = 0; oy < conv.y[0]; ++oy) {
      const q::device::PatchRow row(conv, oy);
      for (int ox = 0; ox < conv.y[1]; ++ox) {
        REQUIRE(places_of(row.at(ox)) == tested_places(conv, oy, ox));
        for (int next = 1; next < row.count(ox); ++next) {  // the same, but for where they begin
          q::device::Patch expected = row.at(ox);
          if (expected.rows > 0) expected.x += next * row.step();
          REQUIRE(places_of(row.at(ox + next)) == places_of(expected));
        }
      }
    }
  }
}
