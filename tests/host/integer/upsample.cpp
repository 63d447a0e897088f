// SPDX-License-Identifier: Apache-2.0
#include <quench/host/integer/upsample.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

namespace {

// Equal bits on every instruction set, for maps of one value too.
void compare(d::Random& random, const q::Shape& shape, const q::Settings& settings) {
  const q::kernels::Resize resize = q::kernels::resize_of(settings, shape);
  auto x = d::codes<std::int8_t>(random, shape.elements());
  if (d::uniform(random, 0, 4) == 0)
    std::fill(x.begin(), x.end(), static_cast<std::int8_t>(d::uniform(random, 0, 1) == 0 ? -128 : 127));
  std::vector<std::int8_t> expected(static_cast<std::size_t>(resize.rows.outputs) *
                                    static_cast<std::size_t>(resize.columns.outputs * shape[2]));
  std::vector<std::int8_t> given(expected.size());
  q::kernels::upsample_nearest(x.data(), resize, expected.data());
  q::host::upsample_nearest(x.data(), resize, given.data());
  REQUIRE(given == expected);
  q::kernels::upsample_bilinear(x.data(), resize, expected.data());
  for (const q::host::Isa isa : isas()) {
    std::fill(given.begin(), given.end(), std::int8_t{99});
    q::host::upsample_bilinear(x.data(), resize, given.data(), isa);
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("resized maps equal the kernels, for any factor, coordinates and number of channels") {
  constexpr unsigned seed = 20261202;
  CAPTURE(seed);
  d::Random random(seed);
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    const int largest =
        draw % 10 == 9 ? 150 : 4;  // past 2^14 in all, weights of kernels take the path of large fractions
    const int all[] = {1, 2, 3, 4, 8, 16, 32, 64, d::uniform(random, 1, 20), d::uniform(random, 60, 140)};
    const q::Shape shape(d::uniform(random, 1, largest > 4 ? 2 : 9), d::uniform(random, 1, 9),
                         largest > 4 ? 2 : all[d::uniform(random, 0, 9)]);
    const auto factor = [&](int extent) {
      const int whole = d::uniform(random, 1, largest);
      if (draw % 3 == 0) return q::Fraction(whole);
      if (draw % 3 == 1) return q::Fraction(whole, extent);
      return q::Fraction(d::uniform(random, whole, 2 * whole), std::min(extent, whole));
    };
    q::Settings settings;
    settings.scale_factor = {factor(shape[0]), factor(shape[1])};
    settings.coordinates = static_cast<q::CoordinateMode>(d::uniform(random, 1, 4));
    settings.nearest_mode = static_cast<q::NearestMode>(d::uniform(random, 0, 3));
    compare(random, shape, settings);
  }
}

TEST_CASE("weights are equal where the divisors nearly fill a double, and beyond") {
  constexpr unsigned seed = 20261203;
  CAPTURE(seed);
  d::Random random(seed);
  for (int draw = 0; draw < 60; ++draw) {
    CAPTURE(draw);
    const int bits = draw % 2 == 0 ? 15 : 24;  // 4 * 2^30 and 4 * 2^48
    const int height = d::uniform(random, (1 << bits) - 500, 1 << bits),
              width = d::uniform(random, (1 << bits) - 500, 1 << bits);
    q::Settings settings;
    settings.mode = q::InterpolationMode::Bilinear;
    settings.scale_factor = {q::Fraction(height, d::uniform(random, height / 3, height)),
                             q::Fraction(width, d::uniform(random, width / 3, width))};
    compare(random, q::Shape(5, 40, 3), settings);
  }
}
