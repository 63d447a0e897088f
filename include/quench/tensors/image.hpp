// SPDX-License-Identifier: Apache-2.0
// Batches of images with their colour format in the type, and their conversion to the formats of the hardware. NV12,
// whose chroma has a lower resolution, has a separate type.
//
//   quench::ImageBatch<quench::color::Rgb> photos(count, height, width, bytes);
//   auto images = quench::to_centered_yuv444(photos);            // int8 codes, as the device sees them
//   xt::xtensor<float, 4> x = images.real_values();              // code / 128, for training
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <quench/kernels/color.hpp>
#include <quench/tensors/float_tensor.hpp>
#include <quench/types/color.hpp>

namespace quench {

/// Images of one colour format: codes [N, H, W, C], int8 if the format is centred, else uint8.
template <class Color>
class ImageBatch {
 public:
  using Code = std::conditional_t<is_centered(Color::format) || Color::format == ColorFormat::CenteredYuv444Studio,
                                  std::int8_t, std::uint8_t>;
  static constexpr std::size_t channels = Color::channels;

  /// No images, to be assigned to. Functions of images refuse it.
  ImageBatch() = default;
  ImageBatch(std::size_t count, std::size_t height, std::size_t width)
      : count_(count), height_(height), width_(width), codes_(extents().elements()) {}
  /// Copies the codes.
  /// Errors   shape-mismatch if their number is not count * height * width * channels
  ImageBatch(std::size_t count, std::size_t height, std::size_t width, std::span<const Code> codes)
      : ImageBatch(count, height, width) {
    if (codes.size() != codes_.size())
      throw Error(diagnosis::shape_mismatch,
                  "needed " + extents().text() + ", given " + std::to_string(codes.size()) + " codes");
    codes_.assign(codes.begin(), codes.end());
  }

  std::size_t count() const { return count_; }
  std::size_t height() const { return height_; }
  std::size_t width() const { return width_; }
  Extents extents() const { return Extents(std::array{count_, height_, width_, channels}); }

  std::span<Code> codes() & { return codes_; }
  std::span<const Code> codes() const& { return codes_; }
  std::span<const Code> codes() const&& = delete;

  /// The real values of a centred image: code / 128, exactly.
  /// Shapes   [N, H, W, C]
  xt::xtensor<float, 4> real_values() const
    requires(is_centered(Color::format))
  {
    auto values = make_result<xt::xtensor<float, 4>>(extents());
    for (std::size_t i = 0; i < codes_.size(); ++i) values.data()[i] = static_cast<float>(codes_[i]) / 128;
    return values;
  }

 private:
  std::size_t count_ = 0, height_ = 0, width_ = 0;
  std::vector<Code> codes_;
};

/// Camera images in NV12, full range: for each its luma [H, W], then its chroma [ceil(H/2), ceil(W/2), 2], U first.
class Nv12Batch {
 public:
  /// No images, to be assigned to. Functions of images refuse it.
  Nv12Batch() = default;
  /// Copies the bytes.
  /// Errors   shape-mismatch if their number is not count * bytes_of_image(height, width)
  Nv12Batch(std::size_t count, std::size_t height, std::size_t width, std::span<const std::uint8_t> bytes)
      : count_(count), height_(height), width_(width) {
    const std::size_t needed = Extents(std::array{count, bytes_of_image(height, width)}).elements();
    if (bytes.size() != needed)
      throw Error(diagnosis::shape_mismatch, "needed " + std::to_string(needed) + " bytes for " +
                                                 std::to_string(count) + " images of " + std::to_string(height) +
                                                 " x " + std::to_string(width) + " in NV12, given " +
                                                 std::to_string(bytes.size()));
    bytes_.assign(bytes.begin(), bytes.end());
  }

  /// The bytes of one image, luma and chroma.
  /// Errors   shape-mismatch if there are more than a size can count
  static std::size_t bytes_of_image(std::size_t height, std::size_t width) {
    // The chroma is at most one byte longer than the luma, so twice the luma bounds the sum.
    static_cast<void>(Extents(std::array{height, width, std::size_t{2}}).elements());
    return height * width + (height / 2 + height % 2) * (width / 2 + width % 2) * 2;
  }

  std::size_t count() const { return count_; }
  std::size_t height() const { return height_; }
  std::size_t width() const { return width_; }
  std::span<const std::uint8_t> bytes() const& { return bytes_; }
  std::span<const std::uint8_t> bytes() const&& = delete;

 private:
  std::size_t count_ = 0, height_ = 0, width_ = 0;
  std::vector<std::uint8_t> bytes_;
};

namespace tensors {

/// The shape of each image of a batch, for kernels, which count in int.
/// Errors   shape-mismatch for more than 2^31 - 1 values
inline Shape image_shape(std::size_t height, std::size_t width, std::size_t channels) {
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

/// Images in full-range BT.601 YUV444 minus 128, with the integer arithmetic of nash.md section 1.
inline ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Rgb>& images) {
  return detail::convert_images<color::CenteredYuv444>(images, kernels::rgb_to_centered_yuv444);
}
inline ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Bgr>& images) {
  return to_centered_yuv444(detail::to_rgb(images));
}
inline ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Yuv444>& images) {
  return detail::convert_images<color::CenteredYuv444>(
      images, [](const std::uint8_t* codes, std::int8_t* to, int pixels) { kernels::center(codes, to, 3 * pixels); });
}

/// The same for NV12: each pair of U and V is repeated over its 2 x 2 pixels.
/// Errors   shape-mismatch for images of more than 2^31 - 1 values
inline ImageBatch<color::CenteredYuv444> to_centered_yuv444(const Nv12Batch& images) {
  const std::size_t luma = images.height() * images.width();
  const Shape shape = tensors::image_shape(images.height(), images.width(), 3);
  ImageBatch<color::CenteredYuv444> result(images.count(), images.height(), images.width());
  for (std::size_t n = 0; n < images.count(); ++n) {
    const std::uint8_t* bytes = images.bytes().data() + n * Nv12Batch::bytes_of_image(images.height(), images.width());
    kernels::nv12_to_centered_yuv444(bytes, bytes + luma, result.codes().data() + n * luma * 3, shape[0], shape[1]);
  }
  return result;
}

/// Images in gray minus 128: the luma of colours.
inline ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Rgb>& images) {
  return detail::convert_images<color::CenteredGray>(images, kernels::rgb_to_centered_gray);
}
inline ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Bgr>& images) {
  return to_centered_gray(detail::to_rgb(images));
}
inline ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Gray>& images) {
  return detail::convert_images<color::CenteredGray>(images, kernels::center);
}

}  // namespace quench
