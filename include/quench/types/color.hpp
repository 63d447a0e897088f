// SPDX-License-Identifier: Apache-2.0
// Colour formats of an input image. The hardware takes the two centred ones; the others exist so that they are refused
// by name. A centred code c is the real value c/128 (nash.md section 1). Freestanding.
#pragma once

#include <quench/ground/prerequisites.hpp>

namespace quench {

/// The colour format of an image, as a value. `None` for a tensor that is no image.
enum class ColorFormat : unsigned char {
  None,
  CenteredYuv444,
  CenteredGray,
  Rgb,
  Bgr,
  Yuv444,
  Gray,
  CenteredYuv444Studio
};

/// True for the formats of a QuantStub: full-range BT.601 YUV444 or gray, with 128 subtracted.
constexpr bool is_centered(ColorFormat format) {
  return format == ColorFormat::CenteredYuv444 || format == ColorFormat::CenteredGray;
}

namespace color {

/// Full-range BT.601 YUV444 minus 128: three channels of int8.
struct CenteredYuv444 {
  static constexpr ColorFormat format = ColorFormat::CenteredYuv444;
  static constexpr int channels = 3;
};

/// Full-range gray minus 128: one channel of int8.
struct CenteredGray {
  static constexpr ColorFormat format = ColorFormat::CenteredGray;
  static constexpr int channels = 1;
};

/// Red, green, blue, uint8.
struct Rgb {
  static constexpr ColorFormat format = ColorFormat::Rgb;
  static constexpr int channels = 3;
};

/// Blue, green, red, uint8, as OpenCV reads images.
struct Bgr {
  static constexpr ColorFormat format = ColorFormat::Bgr;
  static constexpr int channels = 3;
};

/// Full-range YUV444, uint8, 128 not subtracted.
struct Yuv444 {
  static constexpr ColorFormat format = ColorFormat::Yuv444;
  static constexpr int channels = 3;
};

/// Gray, uint8, 128 not subtracted.
struct Gray {
  static constexpr ColorFormat format = ColorFormat::Gray;
  static constexpr int channels = 1;
};

/// Studio-range (16..235) YUV444 minus 128.
struct CenteredYuv444Studio {
  static constexpr ColorFormat format = ColorFormat::CenteredYuv444Studio;
  static constexpr int channels = 3;
};

}  // namespace color
}  // namespace quench
