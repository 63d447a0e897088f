// SPDX-License-Identifier: Apache-2.0
// The inputs of a network: images of a colour format, or feature maps of real numbers. Freestanding.
#pragma once

#include <quench/types/color.hpp>
#include <quench/types/shape.hpp>

namespace quench {

/// An image input of `Color::channels` channels: shape [Height, Width, channels].
template <class Color, int Height, int Width>
struct Image {
  static constexpr ColorFormat color = Color::format;
  static constexpr Shape shape{Height, Width, Color::channels};
};

/// A float input of any rank up to 6; a feature map is [H, W, C].
template <int... Extents>
  requires(sizeof...(Extents) >= 1 && sizeof...(Extents) <= max_rank)
struct Features {
  static constexpr ColorFormat color = ColorFormat::None;
  static constexpr Shape shape{Extents...};
};

/// The inputs of a network, one for each argument of `forward`:
/// `using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 224, 224>>;`
template <class... Input>
struct Inputs {};

}  // namespace quench
