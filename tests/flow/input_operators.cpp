// SPDX-License-Identifier: Apache-2.0
// Operators before the input, one by one, with pixels computed by hand.
#include <quench/flow/input_operators.hpp>

#include <doctest/doctest.h>
#include <climits>

#include "tensors/throws.hpp"

namespace q = quench;
using namespace q::color;
using q::detail::BatchBefore;

static_assert(std::is_same_v<BatchBefore<q::Nv12ToCenteredYuv444, q::ImageBatch<CenteredYuv444>>::type, q::Nv12Batch>);
static_assert(
    std::is_same_v<BatchBefore<q::RgbToCenteredYuv444, q::ImageBatch<CenteredYuv444>>::type, q::ImageBatch<Rgb>>);
static_assert(std::is_same_v<BatchBefore<q::GrayToCentered, q::ImageBatch<CenteredGray>>::type, q::ImageBatch<Gray>>);
static_assert(std::is_same_v<BatchBefore<q::Resize, q::ImageBatch<Rgb>>::type, q::ImageBatch<Rgb>>);
static_assert(std::is_same_v<BatchBefore<q::Crop, q::ImageBatch<Gray>>::type, q::ImageBatch<Gray>>);
static_assert(std::is_void_v<BatchBefore<q::RgbToCenteredYuv444, q::ImageBatch<CenteredGray>>::type>);
static_assert(std::is_void_v<BatchBefore<q::GrayToCentered, q::ImageBatch<Gray>>::type>);
static_assert(std::is_void_v<BatchBefore<q::Resize, q::Nv12Batch>::type>);
static_assert(q::detail::is_input_operator<q::Crop> && !q::detail::is_input_operator<q::Nv12Batch>);

namespace {

template <class Color>
auto codes(const q::ImageBatch<Color>& images) {
  return std::vector<int>(images.codes().begin(), images.codes().end());
}

// Two pictures, 2 x 4 and of one channel: 0 ... 7 and 10 ... 17.
q::ImageBatch<Gray> two_pictures() {
  const std::vector<std::uint8_t> pixels{0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17};
  return {2, 2, 4, pixels};
}

}  // namespace

TEST_CASE("colours are converted as by to_centered_yuv444 and to_centered_gray") {
  const std::vector<std::uint8_t> bytes{255, 0, 0, 10, 20, 30};
  CHECK(codes(q::detail::run_operator(q::RgbToCenteredYuv444{},
                                      q::ImageBatch<Rgb>(1, 1, 1, std::span(bytes).first(3)))) ==
        std::vector<int>{-51, -43, 127});
  CHECK(codes(q::detail::run_operator(q::GrayToCentered{}, q::ImageBatch<Gray>(3, 1, 2, bytes))) ==
        std::vector<int>{127, -128, -128, -118, -108, -98});
  CHECK(codes(q::detail::run_operator(q::Nv12ToCenteredYuv444{}, q::Nv12Batch(1, 2, 2, bytes))) ==
        std::vector<int>{127, -108, -98, -128, -108, -98, -128, -108, -98, -118, -108, -98});
}

TEST_CASE("Resize takes the pixel whose centre is nearest, of each picture") {
  const auto smaller = q::detail::run_operator(q::Resize{.height = 1, .width = 2}, two_pictures());
  CHECK(smaller.extents().text() == "[2, 1, 2, 1]");
  CHECK(codes(smaller) ==
        std::vector<int>{5, 7, 15, 17});  // row floor(1/2 * 2), columns floor(1/2 * 2), floor(3/2 * 2)
  const auto larger = q::detail::run_operator(q::Resize{.height = 3, .width = 4}, two_pictures());
  CHECK(codes(larger) ==
        std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 14, 15, 16, 17});
}

TEST_CASE("Crop takes a part of each picture, all channels") {
  const auto part = q::detail::run_operator(q::Crop{.top = 1, .left = 2, .height = 1, .width = 2}, two_pictures());
  CHECK(part.extents().text() == "[2, 1, 2, 1]");
  CHECK(codes(part) == std::vector<int>{6, 7, 16, 17});
  const std::vector<std::uint8_t> pixels{1, 2, 3, 4, 5, 6};
  const q::ImageBatch<Rgb> colored(1, 1, 2, pixels);
  CHECK(codes(q::detail::run_operator(q::Crop{.left = 1, .height = 1, .width = 1}, colored)) ==
        std::vector<int>{4, 5, 6});
}

TEST_CASE("pictures that do not fit, and none at all, are refused") {
  const auto crop = [](int top, int left, int height, int width) {
    return slug_of([&] { q::detail::run_operator(q::Crop{top, left, height, width}, two_pictures()); });
  };
  CHECK(crop(0, 0, 2, 4) == "");
  CHECK(crop(1, 0, 2, 4) == "shape-mismatch");
  CHECK(crop(0, 1, 2, 4) == "shape-mismatch");
  CHECK(crop(INT_MAX, 0, 2, 4) == "shape-mismatch");
  CHECK(crop(0, INT_MAX, 2, 4) == "shape-mismatch");
  const auto resize = [](std::size_t height, std::size_t width) {
    return slug_of([&] { q::detail::run_operator(q::Resize{1, 1}, q::ImageBatch<Gray>(1, height, width)); });
  };
  CHECK(resize(32767, 1) == "");
  CHECK(resize(1, 32767) == "");
  CHECK(resize(32768, 1) == "shape-mismatch");
  CHECK(resize(1, 32768) == "shape-mismatch");
  CHECK(resize(0, 1) == "shape-mismatch");
  CHECK(resize(1, 0) == "shape-mismatch");
  CHECK(slug_of([] { q::detail::run_operator(q::Resize{3, 3}, q::ImageBatch<Gray>(0, 2, 2)); }) == "empty-input");
}

TEST_CASE("a size that is not given is the one that what follows wants") {
  q::Resize resize;
  CHECK(q::detail::settle(resize, {.height = 5, .width = 7}).is_any());
  CHECK((resize.height == 5 && resize.width == 7));
  q::Crop crop{.top = 1, .left = 2};
  CHECK(q::detail::settle(crop, {.height = 5, .width = 7}).is_any());
  CHECK((crop.top == 1 && crop.left == 2 && crop.height == 5 && crop.width == 7));
  q::Resize given{.height = 9, .width = 8};
  CHECK(q::detail::settle(given, {}).is_any());
  CHECK((given.height == 9 && given.width == 8));
  q::GrayToCentered colour;
  const q::detail::PictureSize wanted = q::detail::settle(colour, {.height = 5, .width = 7});
  CHECK((wanted.height == 5 && wanted.width == 7));
}

TEST_CASE("a size that nothing tells, or that does not fit, is refused") {
  const auto resize = [](q::Resize op, q::detail::PictureSize wanted) {
    return slug_of([&] { q::detail::settle(op, wanted); });
  };
  CHECK(resize({}, {}) == "shape-mismatch");
  CHECK(resize({.height = 5, .width = 7}, {5, 7}) == "");
  CHECK(resize({.height = 4, .width = 7}, {5, 7}) == "shape-mismatch");
  CHECK(resize({.height = 5, .width = 6}, {5, 7}) == "shape-mismatch");
  CHECK(resize({.height = 5}, {}) == "shape-mismatch");
  CHECK(resize({.width = 5}, {}) == "shape-mismatch");
  CHECK(resize({.height = -5, .width = 7}, {}) == "shape-mismatch");
  CHECK(resize({.height = 32767, .width = 32767}, {}) == "");
  CHECK(resize({.height = 32768, .width = 1}, {}) == "shape-mismatch");
  CHECK(resize({.height = 1, .width = 32768}, {}) == "shape-mismatch");
  const auto crop = [](q::Crop op, q::detail::PictureSize wanted) {
    return slug_of([&] { q::detail::settle(op, wanted); });
  };
  CHECK(crop({.top = 3, .left = 4}, {5, 7}) == "");
  CHECK(crop({}, {}) == "shape-mismatch");
  CHECK(crop({.top = -1}, {5, 7}) == "shape-mismatch");
  CHECK(crop({.left = -1}, {5, 7}) == "shape-mismatch");
  CHECK(crop({.height = 4, .width = 4}, {5, 7}) == "shape-mismatch");
}
