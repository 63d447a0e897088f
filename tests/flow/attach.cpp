// SPDX-License-Identifier: Apache-2.0
// What is attached to a quantized model equals the same steps done by hand.
#include <quench/flow/attach.hpp>

#include <doctest/doctest.h>

#include <quench/flow/evaluate.hpp>
#include <quench/tensors/error.hpp>

#include "execution/keep_all.hpp"
#include "flow/attached_networks.hpp"
#include "tensors/throws.hpp"

namespace q = quench;
using namespace q::color;
using attached::Classifier;
using attached::quantized;
using attached::Segmenter;
using attached::Stereo;
using attached::TwoHeads;

namespace {

std::vector<std::uint8_t> random_bytes(std::size_t count) {
  std::vector<std::uint8_t> bytes;
  for (std::uint32_t state = 1; bytes.size() < count; state = state * 1664525 + 1013904223)
    bytes.push_back(static_cast<std::uint8_t>(state >> 24));
  return bytes;
}

template <class Color>
q::ImageBatch<Color> random_images(std::size_t count, std::size_t height, std::size_t width) {
  return {count, height, width, random_bytes(count * height * width * q::ImageBatch<Color>::channels)};
}

// Pixel (row(y), column(x)) of each image becomes pixel (y, x).
template <class Color, class Row, class Column>
q::ImageBatch<Color> pick_pixels(const q::ImageBatch<Color>& images, std::size_t height, std::size_t width, Row row,
                                 Column column) {
  q::ImageBatch<Color> result(images.count(), height, width);
  auto* to = result.codes().data();
  for (std::size_t n = 0; n < images.count(); ++n)
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t c = 0; c < images.channels; ++c)
          *to++ = images.codes()[((n * images.height() + row(y)) * images.width() + column(x)) * images.channels + c];
  return result;
}

template <class F>
q::Error error_of(F&& f) {
  try {
    f();
  } catch (const q::Error& error) {
    return error;
  }
  FAIL("nothing is thrown");
  return {q::diagnosis::shape_mismatch, ""};
}

// The class of each row, by the definition of nash.md: values times round(scale / largest scale * 2^15).
std::vector<int> classes_by_definition(const q::IntegerOutput& output) {
  const std::size_t classes = output.extents[output.extents.rank - 1];
  const double largest = static_cast<double>(*std::max_element(output.scales.begin(), output.scales.end()));
  std::vector<int> result;
  for (std::size_t row = 0; row < output.values.size(); row += classes) {
    int best = -1;
    std::int64_t best_value = 0;
    for (std::size_t c = 0; c < classes; ++c) {
      const double scale = static_cast<double>(output.scales[(row + c) % output.scales.size()]);
      const std::int64_t value = output.values[row + c] * static_cast<std::int64_t>(scale / largest * 32768 + 0.5);
      if (best >= 0 && value <= best_value) continue;
      best = static_cast<int>(c);
      best_value = value;
    }
    result.push_back(best);
  }
  return result;
}

}  // namespace

TEST_CASE("colours attached give what images converted by hand give") {
  auto model = quantized<Segmenter>();
  auto of_rgb = q::attach_input<q::RgbToCenteredYuv444>(model);
  const auto rgb = random_images<Rgb>(3, 4, 6);
  CHECK(of_rgb.predict(rgb) == model.predict(q::to_centered_yuv444(rgb)));
  auto of_nv12 = q::attach_input<q::Nv12ToCenteredYuv444>(model);
  const q::Nv12Batch nv12(3, 4, 6, random_bytes(3 * 36));
  CHECK(of_nv12.predict(nv12) == model.predict(q::to_centered_yuv444(nv12)));
  auto gray_model = quantized<Classifier>();
  auto of_gray = q::attach_input(gray_model, q::GrayToCentered{});
  const auto gray = random_images<Gray>(3, 2, 3);
  CHECK(of_gray.predict(gray) == gray_model.predict(q::to_centered_gray(gray)));
}

TEST_CASE("Resize and Crop bring images of the model's colour to the model's size") {
  auto model = quantized<Segmenter>();
  const auto images = q::to_centered_yuv444(random_images<Rgb>(2, 9, 13));
  auto resized = q::attach_input<q::Resize>(model);
  CHECK(resized.predict(images) == model.predict(pick_pixels(
                                       images, 4, 6, [](std::size_t y) { return (2 * y + 1) * 9 / 8; },
                                       [](std::size_t x) { return (2 * x + 1) * 13 / 12; })));
  auto cropped = q::attach_input<q::Crop>(model, {.top = 5, .left = 3});
  CHECK(cropped.predict(images) ==
        model.predict(pick_pixels(
            images, 4, 6, [](std::size_t y) { return y + 5; }, [](std::size_t x) { return x + 3; })));
}

TEST_CASE("of operators attached one after the other the last one sees the images first") {
  auto model = quantized<Segmenter>();
  auto crop = q::attach_input<q::Crop>(model, {.top = 1, .left = 2});
  auto rgb = q::attach_input<q::RgbToCenteredYuv444>(crop);
  auto chain = q::attach_input<q::Resize>(rgb, {.height = 6, .width = 10});
  const auto images = random_images<Rgb>(2, 3, 5);
  const auto resized = pick_pixels(
      images, 6, 10, [](std::size_t y) { return y / 2; }, [](std::size_t x) { return x / 2; });
  const auto by_hand = pick_pixels(
      q::to_centered_yuv444(resized), 4, 6, [](std::size_t y) { return y + 1; }, [](std::size_t x) { return x + 2; });
  CHECK(chain.predict(images) == model.predict(by_hand));
  CHECK(rgb.predict(resized) == model.predict(by_hand));  // what was attached to stays as it was
  // The other order: a part of the image, enlarged.
  auto enlarged =
      q::attach_input<q::Crop>(q::attach_input<q::Resize>(model), {.top = 3, .left = 5, .height = 2, .width = 3});
  const auto centered = q::to_centered_yuv444(resized);
  CHECK(enlarged.predict(centered) ==
        model.predict(pick_pixels(
            centered, 4, 6, [](std::size_t y) { return y / 2 + 3; }, [](std::size_t x) { return x / 2 + 5; })));
}

TEST_CASE("sizes that do not fit are refused, where they are attached or where images come") {
  auto model = quantized<Segmenter>();
  const auto attach = [&](const auto& op) { return slug_of([&] { q::attach_input(model, op); }); };
  CHECK(attach(q::Resize{.height = 4, .width = 6}) == "");
  CHECK(attach(q::Resize{.height = 6, .width = 4}) == "shape-mismatch");
  CHECK(attach(q::Crop{.top = -1}) == "shape-mismatch");
  CHECK(attach(q::Crop{.height = 4, .width = 5}) == "shape-mismatch");
  auto crop = q::attach_input<q::Crop>(model, {.top = 1});
  const q::Error unknown = error_of([&] { q::attach_input<q::Resize>(crop); });
  CHECK(unknown.module() == "input 0.Resize");
  CHECK(slug_of([&] { q::attach_input<q::Resize>(q::attach_input<q::RgbToCenteredYuv444>(crop)); }) ==
        "shape-mismatch");
  CHECK(slug_of([&] { q::attach_input<q::Resize>(q::attach_input<q::RgbToCenteredYuv444>(model)); }) == "");

  const auto too_small = q::to_centered_yuv444(random_images<Rgb>(1, 4, 6));
  const q::Error cropped = error_of([&] { crop.predict(too_small); });
  CHECK(cropped.module() == "input 0.Crop");
  CHECK(slug_of([&] { crop.predict(q::to_centered_yuv444(random_images<Rgb>(1, 5, 6))); }) == "");
  auto resized = q::attach_input<q::Resize>(model);
  CHECK(slug_of([&] { resized.predict(q::ImageBatch<CenteredYuv444>(1, 0, 6)); }) == "shape-mismatch");
  CHECK(slug_of([&] { resized.predict(q::ImageBatch<CenteredYuv444>(0, 4, 6)); }) == "empty-input");
  const q::ImageBatch<CenteredYuv444> nothing;
  CHECK(slug_of([&] { resized.predict(nothing); }) == "empty-input");
  CHECK(slug_of([&] { crop.predict(nothing); }) == "empty-input");
  auto nv12 = q::attach_input<q::Nv12ToCenteredYuv444>(model);
  CHECK(slug_of([&] { nv12.predict(q::Nv12Batch()); }) == "empty-input");
  CHECK(slug_of([&] { nv12.predict(q::Nv12Batch(1, 6, 4, random_bytes(36))); }) == "shape-mismatch");
}

TEST_CASE("Slice, Reshape and Permute give the elements that they name") {
  auto model = quantized<Segmenter>();
  const auto images = attached::random_batch<Segmenter>(2).images;
  const auto y = model.predict(images);  // [2, 4, 6, 4]
  auto sliced = q::append<q::Slice>(model, {.axis = 1, .begin = 2, .end = 5});
  const auto part = sliced.predict(images);
  REQUIRE(q::Extents(part.shape()).text() == "[2, 4, 3, 4]");
  auto permuted = q::append<q::Permute>(model, {.order = {2, 0, 1}});
  const auto turned = permuted.predict(images);
  REQUIRE(q::Extents(turned.shape()).text() == "[2, 4, 4, 6]");
  auto reshaped = q::append<q::Reshape>(model, {.extents = {8, -1}});
  const auto other = reshaped.predict(images);
  REQUIRE(q::Extents(other.shape()).text() == "[2, 8, 12]");
  auto chained = q::append(q::append<q::Reshape>(permuted, {.extents = {4, 24}}), q::Slice{.axis = 1, .end = 23});
  const auto all = chained.predict(images);
  REQUIRE(q::Extents(all.shape()).text() == "[2, 4, 23]");
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t h = 0; h < 4; ++h)
      for (std::size_t w = 0; w < 6; ++w)
        for (std::size_t c = 0; c < 4; ++c) {
          const float value = y(n, h, w, c);
          if (w >= 2 && w < 5) CHECK(part(n, h, w - 2, c) == value);
          CHECK(turned(n, c, h, w) == value);
          CHECK(other(n, h * 2 + w / 3, w % 3 * 4 + c) == value);
          if (h * 6 + w < 23) CHECK(all(n, c, h * 6 + w) == value);
        }
}

TEST_CASE("settings of appended operators that do not fit are refused") {
  auto model = quantized<Segmenter>();
  const q::Error error = error_of([&] { q::append<q::Slice>(model, {.axis = 0, .begin = 0, .end = 5}); });
  CHECK(error.slug() == "shape-mismatch");
  CHECK(error.module() == "output 0.slice");
  auto sliced = q::append<q::Slice>(model, {.axis = 0, .begin = 0, .end = 2});
  CHECK(slug_of([&] { q::append<q::Reshape>(sliced, {.extents = 4 * 6 * 4}); }) == "shape-mismatch");
  CHECK(slug_of([&] { q::append<q::Reshape>(sliced, {.extents = 2 * 6 * 4}); }) == "");
  CHECK(slug_of([&] { q::append<q::Permute>(sliced, {.order = {0, 1}}); }) == "shape-mismatch");
}

TEST_CASE("RemoveDequantize gives the integers, which stand for what was there before") {
  auto model = quantized<Segmenter>();
  const auto images = attached::random_batch<Segmenter>(3).images;
  const auto y = model.predict(images);
  auto raw = q::append<q::RemoveDequantize>(model);
  const q::IntegerOutput output = raw.predict(images);
  CHECK(output.dtype == q::DType::Int32);
  REQUIRE(output.extents.text() == "[3, 4, 6, 4]");
  REQUIRE(output.values.size() == y.size());
  const auto& core = raw.model().core();
  auto pass = keep_all(raw.model(), {images});
  const int conv = q::graph<Segmenter>.find_module("conv"), node = q::graph<Segmenter>.modules[conv].node;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const int sample = static_cast<int>(i / 96);
    CHECK(output.values[i] == pass.integers().of<std::int32_t>(node, sample)[i % 96]);
    CHECK(output.scales[i % 96] == core.constants().scales(node)[i % 4]);
    CHECK(output.real(i) == y.data()[i]);
  }
  // Before and after a Slice and a Permute, where scales move with their channels.
  const auto part = [](auto given) {
    return q::append(q::append(given, q::Permute{{2, 1, 0}}), q::Slice{.begin = 1, .end = 3});
  };
  auto before = part(raw);
  auto behind = q::append<q::RemoveDequantize>(part(model));
  const q::IntegerOutput a = before.predict(images), b = behind.predict(images);
  CHECK(a.extents.text() == "[3, 2, 6, 4]");
  CHECK((a.extents == b.extents && a.values == b.values && a.scales == b.scales && a.multipliers == b.multipliers));
  const auto floats = part(model).predict(images);
  REQUIRE(a.values.size() == floats.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) CHECK(a.real(i) == floats.data()[i]);
}

TEST_CASE("ArgMax decides as the integers do, alone and after other operators") {
  auto model = quantized<Segmenter>();
  const auto images = attached::random_batch<Segmenter>(3).images;
  auto raw = q::append<q::RemoveDequantize>(model);
  auto classes = q::append<q::ArgMax>(model);
  const std::vector<int> found = classes.predict(images);
  REQUIRE(found.size() == 3 * 4 * 6);
  CHECK(found == classes_by_definition(raw.predict(images)));
  auto behind_raw = q::append<q::ArgMax>(raw);
  CHECK(behind_raw.predict(images) == found);
  const std::vector<q::Batch<Segmenter>> labelled{{images, found}};
  CHECK(q::evaluate(classes.model(), labelled).correct == found.size());

  const q::Slice without_first{.axis = 2, .begin = 1, .end = 4};
  auto of_three = q::append<q::ArgMax>(q::append(model, without_first));
  auto raw_of_three = q::append(raw, without_first);
  CHECK(of_three.predict(images) == classes_by_definition(raw_of_three.predict(images)));
  CHECK(of_three.predict(images) != found);
  // Along the columns of the image: the scales now lie across the rows that are compared.
  const q::Permute columns_last{{0, 2, 1}};
  auto of_columns = q::append<q::ArgMax>(q::append(model, columns_last));
  auto raw_of_columns = q::append(raw, columns_last);
  const std::vector<int> columns = of_columns.predict(images);
  CHECK(columns.size() == 3 * 4 * 4);
  CHECK(columns == classes_by_definition(raw_of_columns.predict(images)));
}

TEST_CASE("what is attached before and after works together, in either order") {
  auto model = quantized<Segmenter>();
  const auto rgb = random_images<Rgb>(2, 8, 12);
  auto a = q::append<q::ArgMax>(q::append(q::attach_input<q::RgbToCenteredYuv444>(q::attach_input<q::Resize>(model)),
                                          q::Slice{.axis = 0, .end = 2}));
  auto b = q::attach_input<q::RgbToCenteredYuv444>(
      q::append<q::ArgMax>(q::append(q::attach_input<q::Resize>(model), q::Slice{.axis = 0, .end = 2})));
  auto classes = q::append<q::ArgMax>(model);
  const auto by_hand = pick_pixels(
      q::to_centered_yuv444(rgb), 4, 6, [](std::size_t y) { return 2 * y + 1; },
      [](std::size_t x) { return 2 * x + 1; });
  const std::vector<int> all = classes.predict(by_hand);
  std::vector<int> expected(all.begin(), all.begin() + 12);
  expected.insert(expected.end(), all.begin() + 24, all.begin() + 36);
  CHECK(a.predict(rgb) == expected);
  CHECK(b.predict(rgb) == expected);
  a.set_workers(q::Workers{3});
  CHECK(a.predict(rgb) == expected);
}

TEST_CASE("of several inputs and outputs the one with the index is meant, the others stay") {
  auto model = quantized<TwoHeads>();
  const auto batch = attached::random_batch<TwoHeads>(3);
  const auto& features = std::get<0>(batch.inputs);
  const auto gray = random_images<Gray>(3, 5, 7);
  const auto centered = pick_pixels(
      q::to_centered_gray(gray), 2, 3, [](std::size_t y) { return y + 3; }, [](std::size_t x) { return x + 4; });
  const auto [left, right] = model.predict(features, centered);  // [3, 4, 2, 3], [3, 2, 3, 3]

  auto of_gray = q::attach_input<q::GrayToCentered, 1>(q::attach_input<q::Crop, 1>(model, {.top = 3, .left = 4}));
  CHECK(of_gray.predict(features, gray) == std::tuple(left, right));

  auto raw = q::append<q::RemoveDequantize>(of_gray);
  const auto [integers, same_right] = raw.predict(features, gray);
  CHECK(same_right == right);
  REQUIRE(integers.extents.text() == "[3, 4, 2, 3]");
  for (std::size_t i = 0; i < left.size(); ++i) CHECK(integers.real(i) == left.data()[i]);

  auto of_right = q::append<q::ArgMax, 1>(q::append<q::Slice, 1>(raw, {.axis = 1, .begin = 1, .end = 3}));
  const auto [same_integers, classes] = of_right.predict(features, gray);
  CHECK(same_integers.values == integers.values);
  REQUIRE(classes.size() == 3 * 2 * 2);
  for (std::size_t n = 0, i = 0; n < 3; ++n)
    for (std::size_t h = 0; h < 2; ++h)
      for (std::size_t w = 1; w < 3; ++w, ++i) {
        int best = 0;
        for (int c = 1; c < 3; ++c)
          if (right(n, h, w, static_cast<std::size_t>(c)) > right(n, h, w, static_cast<std::size_t>(best))) best = c;
        CHECK(classes[i] == best);
      }
  auto of_left = q::append<q::ArgMax>(model);
  CHECK(std::get<0>(of_left.predict(features, centered)) == classes_by_definition(integers));
}

TEST_CASE("each of two images has its own operators and its own size") {
  auto model = quantized<Stereo>();
  auto resized = q::attach_input<q::Resize, 1>(q::attach_input<q::Resize, 0>(model));
  auto chain = q::attach_input<q::GrayToCentered, 0>(q::attach_input<q::GrayToCentered, 1>(resized));
  const auto left = random_images<Gray>(2, 4, 9), right = random_images<Gray>(2, 8, 5);
  const auto small_left = pick_pixels(
      q::to_centered_gray(left), 2, 3, [](std::size_t y) { return 2 * y + 1; },
      [](std::size_t x) { return 3 * x + 1; });
  const auto small_right = pick_pixels(
      q::to_centered_gray(right), 4, 5, [](std::size_t y) { return 2 * y + 1; }, [](std::size_t x) { return x; });
  CHECK(chain.predict(left, right) == model.predict(small_left, small_right));
}
