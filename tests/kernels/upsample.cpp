// SPDX-License-Identifier: Apache-2.0
// Upsampling against interpolation in real numbers, and bilinear weights against exact fractions.
#include <quench/kernels/upsample.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int8_t;

namespace {

constexpr bool enlarges_by_hand() {
  constexpr int8_t x[] = {0, 100}, repeated[] = {0, 0, 100, 100}, between[] = {0, 25, 75, 100};
  int8_t nearest[4]{}, bilinear[4]{};
  k::upsample_nearest(x, q::Shape(1, 2, 1), {1, 2}, nearest);
  k::upsample_bilinear(x, q::Shape(1, 2, 1), {1, 2}, bilinear);
  for (int i = 0; i < 4; ++i)
    if (nearest[i] != repeated[i] || bilinear[i] != between[i]) return false;
  return true;
}

// One axis of PyTorch's interpolation with align_corners=False.
struct Position {
  int low, high;
  double fraction;
};

Position position(int o, int factor, int extent) {
  const double source = std::max(0.0, (o + 0.5) / factor - 0.5);
  const int low = static_cast<int>(std::floor(source + 1e-9));
  return {low, std::min(low + 1, extent - 1), std::max(0.0, source - low)};
}

// A weight in 16 fractional bits, half up, from an exact fraction of 2f x 2f parts.
std::int64_t weight(double fraction_y, double fraction_x, q::Pair factor) {
  const std::int64_t parts = std::int64_t{4} * factor.height * factor.width;
  const auto part = std::llround(fraction_y * 2 * factor.height) * std::llround(fraction_x * 2 * factor.width);
  return (part * 131072 + parts) / (2 * parts);
}

struct Case {
  q::Shape x_shape, y_shape;
  q::Pair factor;
  std::vector<int8_t> x, y;

  Case(Random& random, int largest_factor) : factor(pair(random, 1, largest_factor)) {
    x_shape = shape(random, 3, largest_factor > 16 ? 2 : 5);
    y_shape = q::Shape(x_shape[0] * factor.height, x_shape[1] * factor.width, x_shape[2]);
    x = codes<int8_t>(random, x_shape.elements());
    y.resize(static_cast<std::size_t>(y_shape.elements()));
  }
};

}  // namespace

static_assert(enlarges_by_hand());

TEST_CASE("two pixels are enlarged as by hand") { CHECK(enlarges_by_hand()); }

TEST_CASE("nearest repeats each pixel") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 500; ++draw) {
    CAPTURE(draw);
    Case c(random, 5);
    k::upsample_nearest(c.x.data(), c.x_shape, c.factor, c.y.data());
    for (int i = 0; i < c.y_shape.elements(); ++i) {
      const std::vector<int> at = index_of(i, c.y_shape);
      const int iy = static_cast<int>(std::floor((at[0] + 0.5) / c.factor.height));
      const int ix = static_cast<int>(std::floor((at[1] + 0.5) / c.factor.width));
      REQUIRE(c.y[static_cast<std::size_t>(i)] == c.x[place_of({iy, ix, at[2]}, c.x_shape)]);
    }
  }
}

TEST_CASE("bilinear is the weighted mean by its weights, and within 1 of the real one, at any factor") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 1000; ++draw) {
    CAPTURE(draw);
    Case c(random, draw % 50 == 0 ? 200 : draw % 10 == 0 ? 16 : 6);
    const bool exact = (c.factor.height & (c.factor.height - 1)) == 0 && (c.factor.width & (c.factor.width - 1)) == 0;
    k::upsample_bilinear(c.x.data(), c.x_shape, c.factor, c.y.data());
    for (int i = 0; i < c.y_shape.elements(); ++i) {
      const std::vector<int> at = index_of(i, c.y_shape);
      const Position rows = position(at[0], c.factor.height, c.x_shape[0]);
      const Position columns = position(at[1], c.factor.width, c.x_shape[1]);
      const int corners[4] = {c.x[place_of({rows.low, columns.low, at[2]}, c.x_shape)],
                              c.x[place_of({rows.low, columns.high, at[2]}, c.x_shape)],
                              c.x[place_of({rows.high, columns.low, at[2]}, c.x_shape)],
                              c.x[place_of({rows.high, columns.high, at[2]}, c.x_shape)]};
      const double real = (1 - rows.fraction) * ((1 - columns.fraction) * corners[0] + columns.fraction * corners[1]) +
                          rows.fraction * ((1 - columns.fraction) * corners[2] + columns.fraction * corners[3]);
      const std::int64_t w[3] = {weight(1 - rows.fraction, 1 - columns.fraction, c.factor),
                                 weight(1 - rows.fraction, columns.fraction, c.factor),
                                 weight(rows.fraction, 1 - columns.fraction, c.factor)};
      const std::int64_t sum =
          w[0] * corners[0] + w[1] * corners[1] + w[2] * corners[2] + (65536 - w[0] - w[1] - w[2]) * corners[3];
      const int8_t y = c.y[static_cast<std::size_t>(i)];
      CAPTURE(i);
      REQUIRE(y == shifted(sum, 16));
      REQUIRE(std::abs(y - std::floor(real + 0.5)) <= (exact ? 0 : 1));
      REQUIRE(y >= *std::min_element(corners, corners + 4));
      REQUIRE(y <= *std::max_element(corners, corners + 4));
    }
  }
}

// Extents and factors whose products pass 32 bits, without the maps themselves.
TEST_CASE("no place and no weight overflows for the largest maps") {
  constexpr int largest = 2147483646;
  for (const int factor : {1, 2, 3, 128, 46341, 65536, 1 << 30, largest})
    for (const int extent : {1, 2, 5, largest / factor}) {
      if (extent > largest / factor) continue;
      CAPTURE(factor);
      CAPTURE(extent);
      for (const int o : {0, factor / 2, factor - 1, extent * factor / 3, extent * factor - 1}) {
        CAPTURE(o);
        const std::int64_t position = std::max<std::int64_t>(0, std::int64_t{2} * o + 1 - factor);
        const k::Between found = k::between(o, factor, extent);
        REQUIRE(found.first == position / (std::int64_t{2} * factor));
        REQUIRE(found.second == std::min(found.first + 1, extent - 1));
        REQUIRE(found.distance == position % (std::int64_t{2} * factor));
      }
    }
  for (const std::uint64_t whole : {65535ull, 65536ull, 65537ull, 4ull << 28, 1ull << 33})
    for (const std::uint64_t product : {std::uint64_t{0}, std::uint64_t{1}, whole / 131072, whole / 131072 + 1,
                                        whole / 3, whole / 2, whole - 1, whole}) {
      CAPTURE(whole);
      CAPTURE(product);
      REQUIRE(k::detail::weight(product, whole) == static_cast<std::int64_t>((product * 131072 + whole) / (2 * whole)));
    }
}

TEST_CASE("constant maps stay constant for every factor, and no code leaves int8") {
  for (int height = 1; height <= 300; height += height < 20 ? 1 : 37)
    for (int width = 1; height * width <= 32768 && width <= 500; width += width < 20 ? 1 : 43) {
      std::vector<int8_t> y(static_cast<std::size_t>(4 * height * width));
      CAPTURE(height);
      CAPTURE(width);
      for (const int8_t code : {int8_t{-128}, int8_t{127}, int8_t{1}}) {
        const int8_t x[] = {code, code, code, code};
        k::upsample_bilinear(x, q::Shape(2, 2, 1), {height, width}, y.data());
        REQUIRE(std::all_of(y.begin(), y.end(), [&](int8_t value) { return value == code; }));
      }
      // Three corners at one end and the last, whose weight is the remainder, at the other.
      const int8_t x[] = {127, 127, 127, -128};
      k::upsample_bilinear(x, q::Shape(2, 2, 1), {height, width}, y.data());
      REQUIRE(y.front() == 127);
      REQUIRE(y[static_cast<std::size_t>(width)] == 127);
    }
}
