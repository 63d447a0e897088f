// SPDX-License-Identifier: Apache-2.0
// Batches of images with their colour format in the type, and their conversion to the formats of the hardware. NV12,
// whose chroma has a lower resolution, has a separate type.
//
//   quench::ImageBatch<quench::color::Rgb> photos(count, height, width, bytes);
//   auto images = quench::to_centered_yuv444(photos);            // int8 codes, as the device sees them
//   xt::xtensor<float, 4> x = images.real_values();              // code / 128, for training
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/kernels/color.hpp>
#include <quench/misuse/catalogue.hpp>
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

  /// Images of another colour format: does not compile.
  /// Errors   input-not-centered-yuv444 (compile time)
  template <class Other>
    requires(!std::is_same_v<Other, Color>)
  ImageBatch(const ImageBatch<Other>&) {  // implicit, so that the mistake is found wherever images are given
    tensors::report<misuse::images::input_not_centered_yuv444<Other::format, Color::format>>();
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
  Nv12Batch(std::size_t count, std::size_t height, std::size_t width, std::span<const std::uint8_t> bytes);

  /// The bytes of one image, luma and chroma.
  /// Errors   shape-mismatch if there are more than a size can count
  static std::size_t bytes_of_image(std::size_t height, std::size_t width);

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
Shape image_shape(std::size_t height, std::size_t width, std::size_t channels);

}  // namespace tensors

/// Images in full-range BT.601 YUV444 minus 128, with the integer arithmetic of nash.md section 1.
ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Rgb>& images);
ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Bgr>& images);
ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Yuv444>& images);

/// The same for NV12: each pair of U and V is repeated over its 2 x 2 pixels.
/// Errors   shape-mismatch for images of more than 2^31 - 1 values
ImageBatch<color::CenteredYuv444> to_centered_yuv444(const Nv12Batch& images);

/// Images in gray minus 128: the luma of colours.
ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Rgb>& images);
ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Bgr>& images);
ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Gray>& images);

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/image_impl.hpp>
#endif
