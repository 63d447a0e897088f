// SPDX-License-Identifier: Apache-2.0
// Operators before the input of a quantized model: they turn other pictures into the ones that the model takes.
//
// None of them has a scale, so none needs calibration. They move pixels, or convert colours with the integer arithmetic
// of kernels/color.hpp. `attach_input` (attach.hpp) attaches them. The sizes of a Resize and a Crop follow from the
// model. Where they do not, as in a Resize before a Crop, the user gives them.
#pragma once

#include <string>

#include <quench/ground/compiled.hpp>
#include <quench/tensors/image.hpp>

namespace quench {

/// Converts camera pictures: a model of color::CenteredYuv444 takes a Nv12Batch.
/// Source   nash.md section 6
struct Nv12ToCenteredYuv444 {};

/// Subtracts 128: a model of color::CenteredGray takes color::Gray.
struct GrayToCentered {};

/// Full-range BT.601: a model of color::CenteredYuv444 takes color::Rgb.
/// Source   nash.md section 1
struct RgbToCenteredYuv444 {};

/// Nearest pixel, half-pixel centres: the model takes pictures of another size in the same colour.
/// Settings height, width: both, or none for the size that the next operator or the model takes; at most 32767
/// Errors   shape-mismatch
struct Resize {
  int height = 0;
  int width = 0;
};

/// The part of larger pictures that begins at row `top` and column `left`.
/// Settings height, width: both, or none for the size that the next operator or the model takes
/// Errors   shape-mismatch
struct Crop {
  int top = 0;
  int left = 0;
  int height = 0;
  int width = 0;
};

namespace detail {

/// The batch type that an operator turns into `Batch`; void if it cannot.
template <class Operator, class Batch>
struct BatchBefore {
  using type = void;
};
template <>
struct BatchBefore<Nv12ToCenteredYuv444, ImageBatch<color::CenteredYuv444>> {
  using type = Nv12Batch;
};
template <>
struct BatchBefore<RgbToCenteredYuv444, ImageBatch<color::CenteredYuv444>> {
  using type = ImageBatch<color::Rgb>;
};
template <>
struct BatchBefore<GrayToCentered, ImageBatch<color::CenteredGray>> {
  using type = ImageBatch<color::Gray>;
};
template <class Color>
struct BatchBefore<Resize, ImageBatch<Color>> {
  using type = ImageBatch<Color>;
};
template <class Color>
struct BatchBefore<Crop, ImageBatch<Color>> {
  using type = ImageBatch<Color>;
};

template <class Operator>
inline constexpr bool is_input_operator =
    std::is_same_v<Operator, Nv12ToCenteredYuv444> || std::is_same_v<Operator, GrayToCentered> ||
    std::is_same_v<Operator, RgbToCenteredYuv444> || std::is_same_v<Operator, Resize> || std::is_same_v<Operator, Crop>;

ImageBatch<color::CenteredYuv444> run_operator(Nv12ToCenteredYuv444, const Nv12Batch& images);
ImageBatch<color::CenteredYuv444> run_operator(RgbToCenteredYuv444, const ImageBatch<color::Rgb>& images);
ImageBatch<color::CenteredGray> run_operator(GrayToCentered, const ImageBatch<color::Gray>& images);

/// Applies kernel(from, shape of from, to) to each picture of a batch.
template <class Color, class Kernel>
ImageBatch<Color> run_for_each(const ImageBatch<Color>& images, int height, int width, Kernel kernel) {
  const Shape shape = tensors::image_shape(images.height(), images.width(), Color::channels);
  ImageBatch<Color> result(images.count(), static_cast<std::size_t>(height), static_cast<std::size_t>(width));
  const std::size_t from = images.codes().size() / images.count(), to = result.codes().size() / images.count();
  for (std::size_t n = 0; n < images.count(); ++n)
    kernel(images.codes().data() + n * from, shape, result.codes().data() + n * to);
  return result;
}

/// The longest side that resize_nearest supports.
inline constexpr int max_resized_extent = 32767;

template <class Color>
void check_not_empty(const ImageBatch<Color>& images, const char* name) {
  if (images.count() == 0) throw Error(diagnosis::empty_input, "", name);
}

/// Errors   empty-input; shape-mismatch: a picture without pixels, or too large for the kernel
template <class Color>
ImageBatch<Color> run_operator(const Resize& op, const ImageBatch<Color>& images) {
  check_not_empty(images, "Resize");
  const auto fits = [](std::size_t extent) { return extent >= 1 && extent <= std::size_t{max_resized_extent}; };
  if (!fits(images.height()) || !fits(images.width()))
    throw Error(diagnosis::shape_mismatch,
                "needed a height and a width in [1, 32767], given " + images.extents().text(), "Resize");
  return run_for_each(images, op.height, op.width, [&op](const auto* x, const Shape& shape, auto* y) {
    kernels::resize_nearest(x, shape, y, op.height, op.width);
  });
}

/// Errors   empty-input; shape-mismatch: a part that does not lie inside the picture
template <class Color>
ImageBatch<Color> run_operator(const Crop& op, const ImageBatch<Color>& images) {
  check_not_empty(images, "Crop");
  const auto needed_height = static_cast<std::size_t>(op.top) + static_cast<std::size_t>(op.height);
  const auto needed_width = static_cast<std::size_t>(op.left) + static_cast<std::size_t>(op.width);
  if (images.height() < needed_height || images.width() < needed_width)
    throw Error(diagnosis::shape_mismatch,
                "needed at least " + std::to_string(needed_height) + " x " + std::to_string(needed_width) +
                    " pixels, given " + images.extents().text(),
                "Crop");
  return run_for_each(images, op.height, op.width, [&op](const auto* x, const Shape& shape, auto* y) {
    kernels::crop(x, shape, op.top, op.left, y, op.height, op.width);
  });
}

/// A picture size; 0 x 0 for any.
struct PictureSize {
  int height = 0;
  int width = 0;

  bool is_any() const { return height == 0 && width == 0; }
  std::string text() const { return std::to_string(height) + " x " + std::to_string(width); }
};

/// Completes the settings of an operator whose result must have a wanted size. Returns the size that it takes.
/// Errors   shape-mismatch
template <class Operator>
PictureSize settle(Operator&, const PictureSize& wanted) {
  return wanted;  // colours are converted pixel by pixel
}
PictureSize settle(Resize& op, const PictureSize& wanted);
PictureSize settle(Crop& op, const PictureSize& wanted);

}  // namespace detail
}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/flow/input_operators_impl.hpp>
#endif
