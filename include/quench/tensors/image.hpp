// SPDX-License-Identifier: Apache-2.0
// Batches of images whose colour format is part of their type, and their conversion to the formats of the hardware.
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

  /// Images of zeros.
  ImageBatch(std::size_t count, std::size_t height, std::size_t width)
      : count_(count), height_(height), width_(width), codes_(count * height * width * channels) {}
  /// Images of the codes given, copied.
  /// Errors   shape-mismatch, if their number is not count * height * width * channels
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

  std::span<Code> codes() { return codes_; }
  std::span<const Code> codes() const { return codes_; }

  /// What the codes of a centred image stand for: code / 128, exactly.
  /// Shapes   [N, H, W, C]
  xt::xtensor<float, 4> real_values() const
    requires(is_centered(Color::format))
  {
    auto values = make_result<xt::xtensor<float, 4>>(extents());
    for (std::size_t i = 0; i < codes_.size(); ++i) values.data()[i] = static_cast<float>(codes_[i]) / 128;
    return values;
  }

 private:
  std::size_t count_, height_, width_;
  std::vector<Code> codes_;
};

namespace detail {

// A batch whose pixels are f(pixel, pixel of the result).
template <class To, class From, class F>
ImageBatch<To> convert_pixels(const ImageBatch<From>& from, F f) {
  ImageBatch<To> to(from.count(), from.height(), from.width());
  const std::size_t pixels = from.count() * from.height() * from.width();
  for (std::size_t p = 0; p < pixels; ++p)
    f(from.codes().data() + p * From::channels, to.codes().data() + p * To::channels);
  return to;
}

template <int Red, int Green, int Blue>
void write_yuv(const std::uint8_t* pixel, std::int8_t* to) {
  const auto [y, u, v] = kernels::rgb_to_centered_yuv444(pixel[Red], pixel[Green], pixel[Blue]);
  to[0] = y;
  to[1] = u;
  to[2] = v;
}

template <int Red, int Green, int Blue>
void write_gray(const std::uint8_t* pixel, std::int8_t* to) {
  to[0] = kernels::rgb_to_centered_yuv444(pixel[Red], pixel[Green], pixel[Blue]).y;
}

}  // namespace detail

/// Images in full-range BT.601 YUV444 minus 128, by the integer arithmetic of nash.md section 1.
inline ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Rgb>& images) {
  return detail::convert_pixels<color::CenteredYuv444>(images, detail::write_yuv<0, 1, 2>);
}
inline ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Bgr>& images) {
  return detail::convert_pixels<color::CenteredYuv444>(images, detail::write_yuv<2, 1, 0>);
}
inline ImageBatch<color::CenteredYuv444> to_centered_yuv444(const ImageBatch<color::Yuv444>& images) {
  return detail::convert_pixels<color::CenteredYuv444>(images, [](const std::uint8_t* pixel, std::int8_t* to) {
    for (int c = 0; c < 3; ++c) to[c] = kernels::centered(pixel[c]);
  });
}

/// Images in gray minus 128: the luma of colours.
inline ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Rgb>& images) {
  return detail::convert_pixels<color::CenteredGray>(images, detail::write_gray<0, 1, 2>);
}
inline ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Bgr>& images) {
  return detail::convert_pixels<color::CenteredGray>(images, detail::write_gray<2, 1, 0>);
}
inline ImageBatch<color::CenteredGray> to_centered_gray(const ImageBatch<color::Gray>& images) {
  return detail::convert_pixels<color::CenteredGray>(
      images, [](const std::uint8_t* pixel, std::int8_t* to) { to[0] = kernels::centered(pixel[0]); });
}

}  // namespace quench
