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
  CHECK(q::to_centered_yuv444(q::ImageBatch<Rgb>(0, 4, 4)).codes().empty());
  CHECK(slug_of([&] { q::ImageBatch<Rgb>(std::size_t{1} << 62, 4, 4); }) == "shape-mismatch");
}
