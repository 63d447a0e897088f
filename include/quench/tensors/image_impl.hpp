// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/tensors/image.hpp>

#include <cstdint>
#include <span>
#include <string>

namespace quench {

QUENCH_INLINE Nv12Batch::Nv12Batch(std::size_t count, std::size_t height, std::size_t width,
                                   std::span<const std::uint8_t> bytes)
    : count_(count), height_(height), width_(width) {
  const std::size_t needed = Extents(std::array{count, bytes_of_image(height, width)}).elements();
  if (bytes.size() != needed)
    throw Error(diagnosis::shape_mismatch, "needed " + std::to_string(needed) + " bytes for " + std::to_string(count) +
                                               " images of " + std::to_string(height) + " x " + std::to_string(width) +
                                               " in NV12, given " + std::to_string(bytes.size()));
  bytes_.assign(bytes.begin(), bytes.end());
}

QUENCH_INLINE std::size_t Nv12Batch::bytes_of_image(std::size_t height, std::size_t width) {
  // The chroma is at most one byte longer than the luma, so twice the luma bounds the sum.
  static_cast<void>(Extents(std::array{height, width, std::size_t{2}}).elements());
  return height * width + (height / 2 + height % 2) * (width / 2 + width % 2) * 2;
}

namespace tensors {

QUENCH_INLINE Shape image_shape(std::size_t height, std::size_t width, std::size_t channels) {
  const Extents extents(std::array{height, width, channels});
  constexpr auto most = static_cast<std::size_t>(max_elements);
  if (height > most || width > most || extents.elements() > most)
    throw Error(diagnosis::shape_mismatch, "an image of more than 2^31 - 1 values, " + extents.text());
  return Shape(static_cast<int>(height), static_cast<int>(width), static_cast<int>(channels));
}

}  // namespace tensors

namespace detail {

inline ImageBatch<color::Rgb> to_rgb(const ImageBatch<color::Bgr>& images) {
  ImageBatch<color::Rgb> rgb(images.count(), images.height(), images.width());
  for (std::size_t i = 0; i < rgb.codes().size(); ++i) rgb.codes()[i] = images.codes()[i + 2 - 2 * (i % 3)];
  return rgb;
}

// Converts images to a centred format one by one, so that the kernels' int counts suffice.
template <class To, class From, class Convert>
ImageBatch<To> convert_images(const ImageBatch<From>& from, Convert convert) {
  ImageBatch<To> to(from.count(), from.height(), from.width());
  const std::size_t pixels = from.height() * from.width();
  for (std::size_t n = 0; n < from.count(); ++n)
    convert(from.codes().data() + n * pixels * From::channels, to.codes().data() + n * pixels * To::channels,
            static_cast<int>(pixels));
  return to;
}

}  // namespace detail

QUENCH_INLINE ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Rgb>& images) {
  return detail::convert_images<color::CenteredYuv444>(images, kernels::rgb_to_centered_yuv444);
}

QUENCH_INLINE ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Bgr>& images) {
  return to_centered_yuv444(detail::to_rgb(images));
}

QUENCH_INLINE ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Yuv444>& images) {
  return detail::convert_images<color::CenteredYuv444>(
      images, [](const std::uint8_t* codes, std::int8_t* to, int pixels) { kernels::center(codes, to, 3 * pixels); });
}

QUENCH_INLINE ImageBatch<color::CenteredYuv444> to_centered_yuv444(const Nv12Batch& images) {
  const std::size_t luma = images.height() * images.width();
  const Shape shape = tensors::image_shape(images.height(), images.width(), 3);
  ImageBatch<color::CenteredYuv444> result(images.count(), images.height(), images.width());
  for (std::size_t n = 0; n < images.count(); ++n) {
    const std::uint8_t* bytes = images.bytes().data() + n * Nv12Batch::bytes_of_image(images.height(), images.width());
    kernels::nv12_to_centered_yuv444(bytes, bytes + luma, result.codes().data() + n * luma * 3, shape[0], shape[1]);
  }
  return result;
}

QUENCH_INLINE ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Rgb>& images) {
  return detail::convert_images<color::CenteredGray>(images, kernels::rgb_to_centered_gray);
}

QUENCH_INLINE ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Bgr>& images) {
  return to_centered_gray(detail::to_rgb(images));
}

QUENCH_INLINE ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Gray>& images) {
  return detail::convert_images<color::CenteredGray>(images, kernels::center);
}

}  // namespace quench
