// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/color.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;
using std::int8_t, std::uint8_t;

namespace {

// nash.md section 1: black, white, red, green, blue.
constexpr bool converts_the_anchors() {
  constexpr uint8_t rgb[] = {0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255};
  constexpr int8_t expected[] = {-128, 0, 0, 127, 0, 0, -51, -43, 127, 21, -84, -106, -99, 127, -21};
  int8_t yuv[15]{}, gray[5]{};
  k::rgb_to_centered_yuv444(rgb, yuv, 5);
  k::rgb_to_centered_gray(rgb, gray, 5);
  for (int i = 0; i < 15; ++i)
    if (yuv[i] != expected[i] || gray[i / 3] != expected[i / 3 * 3]) return false;
  return true;
}

constexpr bool unpacks_by_hand() {
  constexpr uint8_t luma[] = {0, 128, 255, 1, 2, 3}, chroma[] = {10, 20, 200, 250};
  constexpr int8_t expected[] = {-128, -118, -108, 0,    -118, -108, 127,  72, 122,
                                 -127, -118, -108, -126, -118, -108, -125, 72, 122};
  int8_t yuv[18]{}, codes[6]{};
  k::nv12_to_centered_yuv444(luma, chroma, yuv, 2, 3);
  k::center(luma, codes, 6);
  for (int i = 0; i < 18; ++i)
    if (yuv[i] != expected[i]) return false;
  for (int i = 0; i < 6; ++i)
    if (codes[i] != luma[i] - 128) return false;
  return true;
}

constexpr bool resizes_by_hand() {
  constexpr uint8_t x[] = {1, 2, 3, 4, 5, 6}, half[] = {2, 5}, twice[] = {1, 1, 2, 2, 3, 3}, part[] = {5, 6};
  uint8_t a[2]{}, b[6]{}, c[2]{};
  k::resize_nearest(x, q::Shape(1, 6, 1), a, 1, 2);
  k::resize_nearest(x, q::Shape(1, 3, 1), b, 1, 6);
  k::crop(x, q::Shape(2, 3, 1), 1, 1, c, 1, 2);
  for (int i = 0; i < 6; ++i)
    if (b[i] != twice[i]) return false;
  return a[0] == half[0] && a[1] == half[1] && c[0] == part[0] && c[1] == part[1];
}

}  // namespace

static_assert(converts_the_anchors());
static_assert(unpacks_by_hand());
static_assert(resizes_by_hand());

TEST_CASE("black, white, red, green and blue are the published codes") { CHECK(converts_the_anchors()); }
TEST_CASE("a small NV12 picture is unpacked as by hand, with an odd width") { CHECK(unpacks_by_hand()); }
TEST_CASE("a row of pixels is resized and cropped as by hand") { CHECK(resizes_by_hand()); }

TEST_CASE("colours are the rounded matrix, and within 2 codes of BT.601") {
  const int matrix[3][3] = {{77, 150, 29}, {-43, -84, 127}, {127, -106, -21}};
  double largest = 0;
  for (int r = 0; r < 256; r += 5)
    for (int g = 0; g < 256; g += 3)
      for (int b = 0; b < 256; ++b) {
        const uint8_t rgb[] = {static_cast<uint8_t>(r), static_cast<uint8_t>(g), static_cast<uint8_t>(b)};
        int8_t yuv[3]{};
        k::rgb_to_centered_yuv444(rgb, yuv, 1);
        for (int i = 0; i < 3; ++i) {
          const int sum = matrix[i][0] * r + matrix[i][1] * g + matrix[i][2] * b;
          REQUIRE(yuv[i] == std::floor((sum + 128) / 256.0) - (i == 0 ? 128 : 0));
        }
        const double y = 0.299 * r + 0.587 * g + 0.114 * b;
        largest = std::max({largest, std::abs(yuv[0] + 128 - y), std::abs(yuv[1] - (b - y) / 1.772),
                            std::abs(yuv[2] - (r - y) / 1.402)});
      }
  CHECK(largest <= 2);
  CHECK(largest >= 0.5);  // or the comparison compares nothing
}

TEST_CASE("every pixel of an NV12 picture finds its luma and its chroma") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 200; ++draw) {
    CAPTURE(draw);
    const int height = uniform(random, 1, 9), width = uniform(random, 1, 9);
    const q::Shape chroma_shape((height + 1) / 2, (width + 1) / 2, 2);
    const auto luma = codes<uint8_t>(random, height * width);
    const auto chroma = codes<uint8_t>(random, chroma_shape.elements());
    std::vector<int8_t> yuv(static_cast<std::size_t>(height * width * 3));
    k::nv12_to_centered_yuv444(luma.data(), chroma.data(), yuv.data(), height, width);
    for (int row = 0; row < height; ++row)
      for (int column = 0; column < width; ++column) {
        const auto pixel = static_cast<std::size_t>(row * width + column);
        REQUIRE(yuv[3 * pixel] + 128 == luma[pixel]);
        for (int c = 0; c < 2; ++c)
          REQUIRE(yuv[3 * pixel + 1 + static_cast<std::size_t>(c)] + 128 ==
                  chroma[place_of({row / 2, column / 2, c}, chroma_shape)]);
      }
  }
}

TEST_CASE("a resized picture takes the pixel whose centre is nearest, a cropped one its part") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 500; ++draw) {
    CAPTURE(draw);
    const q::Shape x_shape = shape(random, 3, 12);
    const q::Shape y_shape{uniform(random, 1, 20), uniform(random, 1, 20), x_shape[2]};
    const auto x = codes<int8_t>(random, x_shape.elements());
    std::vector<int8_t> y(static_cast<std::size_t>(y_shape.elements()));
    k::resize_nearest(x.data(), x_shape, y.data(), y_shape[0], y_shape[1]);
    for (int i = 0; i < y_shape.elements(); ++i) {
      std::vector<int> at = index_of(i, y_shape);
      for (std::size_t axis = 0; axis < 2; ++axis) {
        // In units of input pixels; a centre that lies between two of them belongs to the one after it.
        const int extent = static_cast<int>(axis);
        const double center = (at[axis] + 0.5) * x_shape[extent] / y_shape[extent];
        at[axis] = static_cast<int>(std::floor(center));
        REQUIRE(at[axis] < x_shape[extent]);
      }
      REQUIRE(y[static_cast<std::size_t>(i)] == x[place_of(at, x_shape)]);
    }
    const int top = uniform(random, 0, x_shape[0] - 1), left = uniform(random, 0, x_shape[1] - 1);
    const q::Shape part_shape{uniform(random, 1, x_shape[0] - top), uniform(random, 1, x_shape[1] - left), x_shape[2]};
    std::vector<int8_t> part(static_cast<std::size_t>(part_shape.elements()));
    k::crop(x.data(), x_shape, top, left, part.data(), part_shape[0], part_shape[1]);
    for (int i = 0; i < part_shape.elements(); ++i) {
      const std::vector<int> at = index_of(i, part_shape);
      REQUIRE(part[static_cast<std::size_t>(i)] == x[place_of({at[0] + top, at[1] + left, at[2]}, x_shape)]);
    }
  }
}

TEST_CASE("the largest pictures are resized without passing int32") {
  const std::vector<int8_t> x(32767, 1);
  std::vector<int8_t> y(32767);
  k::resize_nearest(x.data(), q::Shape(1, 32767, 1), y.data(), 1, 32767);
  CHECK(y == x);
}
