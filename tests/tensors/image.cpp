// SPDX-License-Identifier: Apache-2.0
// Image batches and their colours.
#include <quench/tensors/image.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace q = quench;
using namespace q::color;

static_assert(std::is_same_v<q::ImageBatch<CenteredYuv444>::Code, std::int8_t>);
static_assert(std::is_same_v<q::ImageBatch<CenteredYuv444Studio>::Code, std::int8_t>);
static_assert(std::is_same_v<q::ImageBatch<Gray>::Code, std::uint8_t>);

namespace {

template <class Batch>
concept HasRealValues = requires(const Batch& batch) { batch.real_values(); };
static_assert(HasRealValues<q::ImageBatch<CenteredGray>> && !HasRealValues<q::ImageBatch<Rgb>>);

template <class Batch>
concept Convertible = requires(const Batch& batch) { q::to_centered_yuv444(batch); };
static_assert(!Convertible<q::ImageBatch<Gray>> && !Convertible<q::ImageBatch<CenteredYuv444>>);

}  // namespace

TEST_CASE("RGB and BGR images become the same codes, pixel by pixel") {
  const std::vector<std::uint8_t> rgb{255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
  const std::vector<std::uint8_t> bgr{0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255};
  const std::vector<std::int8_t> yuv{-51, -43, 127, 21, -84, -106, -99, 127, -21, 127, 0, 0};
  const auto images = q::to_centered_yuv444(q::ImageBatch<Rgb>(2, 1, 2, rgb));
  CHECK(images.extents().text() == "[2, 1, 2, 3]");
  CHECK(std::vector<std::int8_t>(images.codes().begin(), images.codes().end()) == yuv);
  const auto same = q::to_centered_yuv444(q::ImageBatch<Bgr>(1, 2, 2, bgr));
  CHECK(std::vector<std::int8_t>(same.codes().begin(), same.codes().end()) == yuv);
  const auto gray = q::to_centered_gray(q::ImageBatch<Rgb>(1, 2, 2, rgb));
  const auto gray_of_bgr = q::to_centered_gray(q::ImageBatch<Bgr>(1, 2, 2, bgr));
  for (std::size_t p = 0; p < 4; ++p) {
    CHECK(gray.codes()[p] == yuv[3 * p]);
    CHECK(gray_of_bgr.codes()[p] == yuv[3 * p]);
  }
}

TEST_CASE("YUV444 and gray lose 128") {
  const std::vector<std::uint8_t> codes{0, 128, 255};
  const auto yuv = q::to_centered_yuv444(q::ImageBatch<Yuv444>(1, 1, 1, codes));
  const auto gray = q::to_centered_gray(q::ImageBatch<Gray>(3, 1, 1, codes));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(yuv.codes()[i] == codes[i] - 128);
    CHECK(gray.codes()[i] == codes[i] - 128);
  }
}

TEST_CASE("the real value of a centred code is code / 128") {
  const std::vector<std::int8_t> codes{-128, 0, 64, 127};
  const auto values = q::ImageBatch<CenteredGray>(1, 2, 2, codes).real_values();
  CHECK(values == xt::xtensor<float, 4>{{{{-1.0f}, {0.0f}}, {{0.5f}, {127.0f / 128}}}});
}

TEST_CASE("another number of codes is refused, an empty batch is none") {
  const std::vector<std::uint8_t> codes(11);
  CHECK(slug_of([&] { q::ImageBatch<Rgb>(2, 1, 2, codes); }) == "shape-mismatch");
  const auto none = q::to_centered_yuv444(q::ImageBatch<Rgb>(0, 4, 4));
  CHECK(none.codes().empty());
  CHECK(slug_of([&] { q::ImageBatch<Rgb>(std::size_t{1} << 62, 4, 4); }) == "shape-mismatch");
}

TEST_CASE("NV12 is unpacked image by image, odd extents included") {
  // Two images of 3 x 3: nine bytes of luma, then 2 x 2 pairs of U and V.
  std::vector<std::uint8_t> bytes;
  for (std::uint8_t image = 0; image < 2; ++image) {
    for (std::uint8_t i = 0; i < 9; ++i) bytes.push_back(static_cast<std::uint8_t>(100 * image + i));
    for (std::uint8_t i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(200 + 10 * image + i));
  }
  CHECK(q::Nv12Batch::bytes_of_image(3, 3) == 17);
  const q::Nv12Batch nv12(2, 3, 3, bytes);
  CHECK((nv12.count() == 2 && nv12.height() == 3 && nv12.width() == 3 && nv12.bytes().size() == 34));
  const auto images = q::to_centered_yuv444(nv12);
  CHECK(images.extents().text() == "[2, 3, 3, 3]");
  const int pair_of_pixel[] = {0, 0, 1, 0, 0, 1, 2, 2, 3};
  for (std::size_t image = 0; image < 2; ++image)
    for (std::size_t i = 0; i < 9; ++i) {
      const std::int8_t* code = images.codes().data() + (9 * image + i) * 3;
      const int luma = static_cast<int>(100 * image + i), u = static_cast<int>(200 + 10 * image) + 2 * pair_of_pixel[i];
      CHECK(code[0] == luma - 128);
      CHECK(code[1] == u - 128);
      CHECK(code[2] == u + 1 - 128);
    }
}

TEST_CASE("NV12 of another number of bytes is refused, and so are images that no kernel counts") {
  const std::vector<std::uint8_t> bytes(6);
  CHECK(slug_of([&] { q::Nv12Batch(1, 2, 2, bytes); }) == "");
  CHECK(slug_of([&] { q::Nv12Batch(1, 2, 3, bytes); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::Nv12Batch(1, 1, 2, bytes); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::Nv12Batch(2, 2, 2, bytes); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::Nv12Batch(std::size_t{1} << 62, 2, 2, bytes); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::Nv12Batch(1, std::size_t{1} << 33, std::size_t{1} << 33, {}); }) == "shape-mismatch");
  const auto none = q::to_centered_yuv444(q::Nv12Batch(0, 4, 4, {}));
  CHECK(none.codes().empty());
  CHECK(q::tensors::image_shape(1 << 10, 1 << 10, 2047) == q::Shape(1 << 10, 1 << 10, 2047));
  CHECK(slug_of([&] { q::tensors::image_shape(1 << 10, 1 << 10, 2048); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::tensors::image_shape(std::size_t{1} << 32, 0, 1); }) == "shape-mismatch");
}
