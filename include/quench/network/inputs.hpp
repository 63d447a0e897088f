// SPDX-License-Identifier: Apache-2.0
// The inputs of a network: images of a colour format, feature maps of real numbers, or indices. Freestanding.
#pragma once

#include <quench/types/color.hpp>
#include <quench/types/shape.hpp>

namespace quench {

/// An image input of `Color::channels` channels: shape [Height, Width, channels]. A float tensor may be passed for a
/// centred image: code / 128.
/// Errors   input-not-centered-yuv444 (compile time); value-out-of-range for floats outside [-1, 127/128] (run time)
template <class Color, int Height, int Width>
struct Image {
  static constexpr ColorFormat color = Color::format;
  static constexpr Shape shape{Height, Width, Color::channels};
};

/// A float input of any rank up to 6; a feature map is [H, W, C]. Its type cannot show whether it is a picture: points,
/// optical flow and the features of another network also have three channels. So quench asks for no assent to
/// Features<H, W, 3>. A picture declared as Features escapes the checks of colours: declare it as an Image.
template <int... Extents>
  requires(sizeof...(Extents) >= 1 && sizeof...(Extents) <= max_rank)
struct Features {
  static constexpr ColorFormat color = ColorFormat::None;
  static constexpr Shape shape{Extents...};
};

/// An input of int32 indices, of any rank from 1 to 5: `Indices<64>` is a sequence of 64. An `Embedding` looks them up;
/// they have no other use, and need no QuantStub.
/// Errors   indices-not-looked-up (compile time); index-out-of-range (run time)
template <int... Extents>
  requires(sizeof...(Extents) >= 1 && sizeof...(Extents) < max_rank)
struct Indices {
  static constexpr ColorFormat color = ColorFormat::None;
  static constexpr Shape shape{Extents...};
};

/// True for an input of indices.
template <class Input>
inline constexpr bool is_indices = false;
template <int... Extents>
inline constexpr bool is_indices<Indices<Extents...>> = true;

/// The inputs of a network, one for each argument of `forward`:
/// `using Inputs = quench::Inputs<quench::Image<quench::color::CenteredYuv444, 224, 224>>;`
template <class... Input>
struct Inputs {};

}  // namespace quench
