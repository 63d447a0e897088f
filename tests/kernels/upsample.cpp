// SPDX-License-Identifier: Apache-2.0
// Upsampling against interpolation at exact coordinates, and bilinear weights against exact fractions.
#include <quench/kernels/upsample.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using q::CoordinateMode;
using q::NearestMode;
using std::int8_t;

namespace {

constexpr k::Resize resize(const q::Shape& x, q::ScaleFactor factor, q::InterpolationMode mode,
                           CoordinateMode coordinates = CoordinateMode::OfMode,
                           NearestMode nearest_mode = NearestMode::Floor) {
  q::Settings settings;
  settings.scale_factor = factor;
  settings.mode = mode;
  settings.coordinates = coordinates;
  settings.nearest_mode = nearest_mode;
  return k::resize_of(settings, x);
}
constexpr auto nearest = q::InterpolationMode::Nearest, bilinear = q::InterpolationMode::Bilinear;

constexpr bool resizes_by_hand() {
  constexpr int8_t x[] = {0, 100}, wide[] = {0, 10, 40, 80, 120};
  const auto is = [](const k::Resize& r, bool between, const int8_t* from, const int8_t(&expected)[4]) {
    int8_t y[4]{};
    if (between)
      k::upsample_bilinear(from, r, y);
    else
      k::upsample_nearest(from, r, y);
    for (int i = 0; i < 4; ++i)
      if (y[i] != expected[i]) return false;
    return true;
  };
  const q::Shape two(1, 2, 1), five(1, 5, 1);
  return is(resize(two, {1, 2}, nearest), false, x, {0, 0, 100, 100}) &&
         is(resize(two, {1, 2}, bilinear), true, x, {0, 25, 75, 100}) &&
         is(resize(two, {1, 2}, bilinear, CoordinateMode::AlignCorners), true, x, {0, 33, 67, 100}) &&
         is(resize(two, {1, 2}, bilinear, CoordinateMode::Asymmetric), true, x, {0, 50, 100, 100}) &&
         is(resize(five, {1, q::Fraction(4, 5)}, nearest), false, wide, {0, 10, 40, 80}) &&
         is(resize(five, {1, q::Fraction(4, 5)}, bilinear), true, wide, {1, 21, 65, 115}) &&
         is(resize(five, {1, q::Fraction(4, 5)}, nearest, CoordinateMode::HalfPixel, NearestMode::Ceil), false, wide,
            {10, 40, 80, 120});
}

// A point of an axis as a fraction, from the formulas of settings.hpp.
struct Point {
  std::int64_t over, under;
};

Point point(int o, int extent, int outputs, q::Fraction f, CoordinateMode coordinates) {
  const bool one = outputs == 1;
  const std::int64_t p = f.numerator, n = f.denominator;
  if (coordinates == CoordinateMode::Asymmetric) return {o * n, p};
  if (coordinates == CoordinateMode::AlignCorners)
    return one ? Point{0, 1} : Point{std::int64_t{o} * (extent - 1), outputs - 1};
  if (coordinates == CoordinateMode::PytorchHalfPixel && one) return {0, 1};
  return {(2 * std::int64_t{o} + 1) * n - p, 2 * p};
}

std::int64_t floor_of(std::int64_t over, std::int64_t under) { return over / under - (over % under < 0 ? 1 : 0); }

int nearest_pixel(Point at, int extent, NearestMode mode) {
  const std::int64_t low = floor_of(at.over, at.under), up = -floor_of(-at.over, at.under);
  std::int64_t pixel = low;
  if (mode == NearestMode::Ceil) pixel = up;
  if (mode == NearestMode::RoundPreferFloor) pixel = -floor_of(-(2 * at.over - at.under), 2 * at.under);
  if (mode == NearestMode::RoundPreferCeil) pixel = floor_of(2 * at.over + at.under, 2 * at.under);
  return static_cast<int>(std::clamp<std::int64_t>(pixel, 0, extent - 1));
}

// Two pixels, and the share of the second. Outside the centres of the outermost pixels, the edge counts alone.
struct Position {
  int low, high;
  std::int64_t over, under;

  Position(Point at, int extent)
      : low(static_cast<int>(std::max<std::int64_t>(0, floor_of(at.over, at.under)))),
        high(std::min(low + 1, extent - 1)),
        over(at.over < 0 ? 0 : at.over - low * at.under),
        under(at.under) {}
  double fraction() const { return static_cast<double>(over) / static_cast<double>(under); }
};

// A weight in 16 fractional bits, half up.
std::int64_t weight(std::int64_t y, std::int64_t x, std::int64_t whole) {
  return (y * x * 131072 + whole) / (2 * whole);
}

constexpr CoordinateMode all_coordinates[] = {CoordinateMode::OfMode, CoordinateMode::HalfPixel,
                                              CoordinateMode::PytorchHalfPixel, CoordinateMode::Asymmetric,
                                              CoordinateMode::AlignCorners};
constexpr NearestMode all_nearest[] = {NearestMode::Floor, NearestMode::Ceil, NearestMode::RoundPreferFloor,
                                       NearestMode::RoundPreferCeil};

struct Case {
  q::Shape x_shape, y_shape;
  q::ScaleFactor factor;
  CoordinateMode coordinates;
  std::vector<int8_t> x, y;

  Case(Random& random, int draw) {
    const int largest = draw % 50 == 0 ? 200 : draw % 10 == 0 ? 16 : 6;
    x_shape = shape(random, 3, largest > 16 ? 2 : 7);
    factor = {any_factor(random, draw, largest, x_shape[0]), any_factor(random, draw, largest, x_shape[1])};
    y_shape = q::Shape(factor.height.of(x_shape[0]), factor.width.of(x_shape[1]), x_shape[2]);
    coordinates = all_coordinates[uniform(random, 0, 4)];
    x = codes<int8_t>(random, x_shape.elements());
    y.resize(static_cast<std::size_t>(y_shape.elements()));
  }
  // A whole number, the quotient of two extents, or any fraction that leaves a pixel.
  static q::Fraction any_factor(Random& random, int draw, int largest, int extent) {
    const int whole = uniform(random, 1, largest);
    if (draw % 3 == 0) return whole;
    if (draw % 3 == 1) return {whole, extent};
    return {uniform(random, whole, 4 * whole), std::min(extent, 4) * uniform(random, 1, whole)};
  }
  Point row(int o) const { return point(o, x_shape[0], y_shape[0], factor.height, coordinates); }
  Point column(int o) const { return point(o, x_shape[1], y_shape[1], factor.width, coordinates); }
};

}  // namespace

static_assert(resizes_by_hand());

TEST_CASE("pixels are resized as by hand") { CHECK(resizes_by_hand()); }

TEST_CASE("nearest takes the pixel that the rounded coordinate names") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 2000; ++draw) {
    CAPTURE(draw);
    Case c(random, draw);
    const NearestMode mode = all_nearest[uniform(random, 0, 3)];
    const k::Resize r = resize(c.x_shape, c.factor, nearest, c.coordinates, mode);
    REQUIRE(r.rows.outputs == c.y_shape[0]);
    REQUIRE(r.columns.outputs == c.y_shape[1]);
    k::upsample_nearest(c.x.data(), r, c.y.data());
    if (c.coordinates == CoordinateMode::OfMode) c.coordinates = CoordinateMode::Asymmetric;
    for (int i = 0; i < c.y_shape.elements(); ++i) {
      const std::vector<int> at = index_of(i, c.y_shape);
      const int iy = nearest_pixel(c.row(at[0]), c.x_shape[0], mode);
      const int ix = nearest_pixel(c.column(at[1]), c.x_shape[1], mode);
      REQUIRE(c.y[static_cast<std::size_t>(i)] == c.x[place_of({iy, ix, at[2]}, c.x_shape)]);
    }
  }
}

TEST_CASE("at whole factors nearest repeats each pixel, with the coordinates of both PyTorch's modes") {
  CAPTURE(seed);
  Random random(seed);
  for (int factor = 1; factor < 40; ++factor) {
    const std::vector<int8_t> x = codes<int8_t>(random, 3);
    std::vector<int8_t> y(static_cast<std::size_t>(3 * factor)), exact = y;
    k::upsample_nearest(x.data(), resize(q::Shape(1, 3, 1), {1, factor}, nearest), y.data());
    k::upsample_nearest(
        x.data(),
        resize(q::Shape(1, 3, 1), {1, factor}, nearest, CoordinateMode::HalfPixel, NearestMode::RoundPreferCeil),
        exact.data());
    for (int i = 0; i < 3 * factor; ++i)
      REQUIRE(y[static_cast<std::size_t>(i)] == x[static_cast<std::size_t>(i / factor)]);
    REQUIRE(exact == y);
  }
}

TEST_CASE("bilinear is the weighted mean by its weights, and within 0.506 of the real one, at any factor") {
  CAPTURE(seed);
  Random random(seed);
  int reduced = 0;
  for (int draw = 0; draw < 3000; ++draw) {
    CAPTURE(draw);
    Case c(random, draw);
    reduced += c.y_shape[1] < c.x_shape[1];
    k::upsample_bilinear(c.x.data(), resize(c.x_shape, c.factor, bilinear, c.coordinates), c.y.data());
    if (c.coordinates == CoordinateMode::OfMode) c.coordinates = CoordinateMode::HalfPixel;
    for (int i = 0; i < c.y_shape.elements(); ++i) {
      const std::vector<int> at = index_of(i, c.y_shape);
      const Position rows(c.row(at[0]), c.x_shape[0]), columns(c.column(at[1]), c.x_shape[1]);
      REQUIRE(rows.low < c.x_shape[0]);
      REQUIRE(columns.low < c.x_shape[1]);
      const int corners[4] = {c.x[place_of({rows.low, columns.low, at[2]}, c.x_shape)],
                              c.x[place_of({rows.low, columns.high, at[2]}, c.x_shape)],
                              c.x[place_of({rows.high, columns.low, at[2]}, c.x_shape)],
                              c.x[place_of({rows.high, columns.high, at[2]}, c.x_shape)]};
      const double down = rows.fraction(), across = columns.fraction();
      const double real = (1 - down) * ((1 - across) * corners[0] + across * corners[1]) +
                          down * ((1 - across) * corners[2] + across * corners[3]);
      const std::int64_t whole = rows.under * columns.under;
      const bool exact = whole <= 65536 && (whole & (whole - 1)) == 0;
      const std::int64_t w[3] = {weight(rows.under - rows.over, columns.under - columns.over, whole),
                                 weight(rows.under - rows.over, columns.over, whole),
                                 weight(rows.over, columns.under - columns.over, whole)};
      const std::int64_t sum =
          w[0] * corners[0] + w[1] * corners[1] + w[2] * corners[2] + (65536 - w[0] - w[1] - w[2]) * corners[3];
      const int8_t y = c.y[static_cast<std::size_t>(i)];
      CAPTURE(i);
      REQUIRE(y == shifted(sum, 16));
      REQUIRE(std::abs(y - real) <= (exact ? 0.5 : 0.506));
      if (exact) REQUIRE(y == std::floor(real + 0.5));
      REQUIRE(y >= *std::min_element(corners, corners + 4));
      REQUIRE(y <= *std::max_element(corners, corners + 4));
    }
  }
  CHECK(reduced > 200);
}

// Extents and factors whose products pass 32 bits, without the maps themselves: an axis begins where its formula begins,
// and each step leads from the place of one pixel to that of the next.
TEST_CASE("no place and no weight overflows for the largest maps") {
  constexpr int largest = 2147483647;
  const auto check = [&](int extent, q::Fraction f, CoordinateMode coordinates) {
    if (f.of(extent) < 1 || f.of(extent) > largest) return 0;
    const k::ResizeAxis axis = k::resize_axis(extent, f, coordinates);
    const int last = axis.outputs - 1;
    for (const int o : {0, 1, 2, last / 3, last / 2, last - 1, last}) {
      if (o < 0 || o > last) continue;
      CAPTURE(extent);
      CAPTURE(f.numerator);
      CAPTURE(f.denominator);
      CAPTURE(o);
      const auto place = [&](int output) {
        const Point at = point(output, extent, axis.outputs, f, coordinates);
        REQUIRE(at.under == std::int64_t{axis.divisor});
        const std::int64_t whole = floor_of(at.over, at.under);
        return k::Place{static_cast<int>(whole), static_cast<std::uint32_t>(at.over - whole * at.under)};
      };
      const k::Place here = place(o), found = o == 0 ? axis.first : axis.next(place(o - 1));
      REQUIRE(found.whole == here.whole);
      REQUIRE(found.rest == here.rest);
      REQUIRE(here.whole < extent);
      REQUIRE(axis.nearest(here, NearestMode::Ceil) < extent);
      (void)axis.next(here);
    }
    return 1;
  };
  int checked = 0;
  for (const CoordinateMode coordinates : {CoordinateMode::HalfPixel, CoordinateMode::PytorchHalfPixel,
                                           CoordinateMode::Asymmetric, CoordinateMode::AlignCorners})
    for (const int extent : {1, 2, 3, 5, 46341, 1 << 30, largest - 1, largest})
      for (const int numerator : {1, 2, 3, 128, 46341, 65536, 1 << 30, largest - 1, largest})
        for (const int denominator : {1, 2, 7, 46340, 1 << 30, largest - 1, largest})
          checked += check(extent, {numerator, denominator}, coordinates);
  CHECK(checked > 500);
  for (const std::uint64_t whole : {65535ull, 65536ull, 65537ull, 4ull << 28, 1ull << 33})
    for (const std::uint64_t product : {std::uint64_t{0}, std::uint64_t{1}, whole / 131072, whole / 131072 + 1,
                                        whole / 3, whole / 2, whole - 1, whole}) {
      CAPTURE(whole);
      CAPTURE(product);
      REQUIRE(k::detail::weight(product, whole) == static_cast<std::int64_t>((product * 131072 + whole) / (2 * whole)));
    }
  for (const std::uint64_t whole : {1ull << 61, 1ull << 62})
    for (const std::uint64_t eighths : {0ull, 1ull, 3ull, 8ull})
      REQUIRE(k::detail::weight(whole / 8 * eighths, whole) == static_cast<std::int64_t>(8192 * eighths));
}

TEST_CASE("constant maps stay constant for every factor, and no code leaves int8") {
  for (int height = 1; height <= 300; height += height < 20 ? 1 : 37)
    for (int width = 1; height * width <= 32768 && width <= 500; width += width < 20 ? 1 : 43) {
      const k::Resize r = resize(q::Shape(2, 2, 1), {height, width}, bilinear);
      std::vector<int8_t> y(static_cast<std::size_t>(4 * height * width));
      CAPTURE(height);
      CAPTURE(width);
      for (const int8_t code : {int8_t{-128}, int8_t{127}, int8_t{1}}) {
        const int8_t x[] = {code, code, code, code};
        k::upsample_bilinear(x, r, y.data());
        REQUIRE(std::all_of(y.begin(), y.end(), [&](int8_t value) { return value == code; }));
      }
      // Three corners at one end and the last, whose weight is the remainder, at the other.
      const int8_t x[] = {127, 127, 127, -128};
      k::upsample_bilinear(x, r, y.data());
      REQUIRE(y.front() == 127);
      REQUIRE(y[static_cast<std::size_t>(width)] == 127);
    }
}
