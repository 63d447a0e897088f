// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/flow/input_operators.hpp>

namespace quench {

namespace detail {

QUENCH_INLINE ImageBatch<color::CenteredYuv444> run_operator(Nv12ToCenteredYuv444, const Nv12Batch& images) {
  return to_centered_yuv444(images);
}

QUENCH_INLINE ImageBatch<color::CenteredYuv444> run_operator(RgbToCenteredYuv444,
                                                             const ImageBatch<color::Rgb>& images) {
  return to_centered_yuv444(images);
}

QUENCH_INLINE ImageBatch<color::CenteredGray> run_operator(GrayToCentered, const ImageBatch<color::Gray>& images) {
  return to_centered_gray(images);
}

// Sets a missing size to the wanted one.
inline void settle_size(int& height, int& width, const PictureSize& wanted, const char* name) {
  const PictureSize given{height, width};
  if (given.is_any() && wanted.is_any())
    throw Error(diagnosis::shape_mismatch, "needed .height and .width: the next operator takes pictures of any size",
                name);
  const bool agrees = wanted.is_any() || (height == wanted.height && width == wanted.width);
  if (!given.is_any() && (height < 1 || width < 1 || !agrees))
    throw Error(
        diagnosis::shape_mismatch,
        "needed " + (wanted.is_any() ? "a height and a width of 1 or more" : wanted.text()) + ", given " + given.text(),
        name);
  if (given.is_any()) height = wanted.height, width = wanted.width;
}

QUENCH_INLINE PictureSize settle(Resize& op, const PictureSize& wanted) {
  settle_size(op.height, op.width, wanted, "Resize");
  if (op.height > max_resized_extent || op.width > max_resized_extent)
    throw Error(diagnosis::shape_mismatch,
                "needed a height and a width in [1, 32767], given " + PictureSize{op.height, op.width}.text(),
                "Resize");
  return {};
}

QUENCH_INLINE PictureSize settle(Crop& op, const PictureSize& wanted) {
  settle_size(op.height, op.width, wanted, "Crop");
  if (op.top < 0 || op.left < 0)
    throw Error(
        diagnosis::shape_mismatch,
        "needed .top and .left of 0 or more, given " + std::to_string(op.top) + " and " + std::to_string(op.left),
        "Crop");
  return {};
}

}  // namespace detail

}  // namespace quench
