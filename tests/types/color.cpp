// SPDX-License-Identifier: Apache-2.0
#include <quench/types/color.hpp>

#include <doctest/doctest.h>

namespace color = quench::color;

namespace {

template <class Color>
constexpr bool is(quench::ColorFormat format, int channels, bool centered) {
  return Color::format == format && Color::channels == channels && is_centered(Color::format) == centered;
}

constexpr bool formats_are_as_named() {
  using quench::ColorFormat;
  return is<color::CenteredYuv444>(ColorFormat::CenteredYuv444, 3, true) &&
         is<color::CenteredGray>(ColorFormat::CenteredGray, 1, true) && is<color::Rgb>(ColorFormat::Rgb, 3, false) &&
         is<color::Bgr>(ColorFormat::Bgr, 3, false) && is<color::Yuv444>(ColorFormat::Yuv444, 3, false) &&
         is<color::Gray>(ColorFormat::Gray, 1, false) &&
         is<color::CenteredYuv444Studio>(ColorFormat::CenteredYuv444Studio, 3, false) &&
         !is_centered(ColorFormat::None);
}

}  // namespace

static_assert(formats_are_as_named());

TEST_CASE("of the colour formats, the two full-range centred ones are taken") { CHECK(formats_are_as_named()); }
