// SPDX-License-Identifier: Apache-2.0
// Maps enlarged or reduced: nearest pixel, or bilinear, at the coordinates of PyTorch and of ONNX.
//
// Along an axis output pixel o shows the point (a o + b) / d of the input, counted from the centre of its pixel 0, with
// whole a, b and d. Walking from pixel to pixel adds a / d, so no step needs 64 bits or a division. Bilinear: the four
// weights of a pixel are products of the fractions of both axes in 16 bits. They sum to exactly 2^16, so that a constant
// map stays constant. They are computed once for each pixel; the inner loop runs over channels. Freestanding.
#pragma once

#include <cstdint>

#include <quench/bits/narrow.hpp>
#include <quench/network/settings.hpp>
#include <quench/types/fraction.hpp>
#include <quench/types/shape.hpp>

namespace quench::kernels {

/// A point along an axis: `whole` pixels and rest / divisor of one, 0 <= rest < divisor.
struct Place {
  int whole = 0;
  std::uint32_t rest = 0;
};

/// The two input pixels next to a point, and its distance from the first, in 1 / divisor.
struct Between {
  int first, second;
  std::uint32_t distance;
};

/// The points that the output pixels of one axis show.
struct ResizeAxis {
  int extent = 1;   // of the input
  int outputs = 1;  // pixels of the output
  std::uint32_t divisor = 1;
  Place first{}, step{};

  /// What follows the last output may lie anywhere.
  constexpr Place next(Place place) const {
    const std::uint32_t room = divisor - place.rest;
    const bool carries = step.rest >= room;
    const auto whole = static_cast<std::uint32_t>(place.whole) + static_cast<std::uint32_t>(step.whole);
    return {static_cast<int>(whole + (carries ? 1 : 0)), carries ? step.rest - room : place.rest + step.rest};
  }

  /// Outside the outermost centres both are the edge pixel.
  constexpr Between between(Place place) const {
    if (place.whole < 0) return {0, extent > 1 ? 1 : 0, 0};
    return {place.whole, place.whole + 1 < extent ? place.whole + 1 : place.whole, place.rest};
  }

  constexpr int nearest(Place place, NearestMode mode) const {
    const bool beyond_half = place.rest > divisor - place.rest, at_half = place.rest == divisor - place.rest;
    bool up = false;
    switch (mode) {
      case NearestMode::Floor: break;
      case NearestMode::Ceil: up = place.rest > 0; break;
      case NearestMode::RoundPreferFloor: up = beyond_half; break;
      case NearestMode::RoundPreferCeil: up = beyond_half || at_half; break;
    }
    const int pixel = place.whole + (up ? 1 : 0);
    return pixel < 0 ? 0 : pixel < extent ? pixel : extent - 1;
  }
};

/// An axis of `extent` pixels with the factor f, positive and with f * extent from 1 to 2^31 - 1.
constexpr ResizeAxis resize_axis(int extent, Fraction f, CoordinateMode coordinates) {
  ResizeAxis axis{.extent = extent, .outputs = static_cast<int>(f.of(extent))};
  const auto over = static_cast<std::uint32_t>(f.numerator), under = static_cast<std::uint32_t>(f.denominator);
  const auto place = [&](std::uint32_t numerator) {
    return Place{static_cast<int>(numerator / axis.divisor), numerator % axis.divisor};
  };
  const bool is_at_0 = coordinates == CoordinateMode::PytorchHalfPixel || coordinates == CoordinateMode::AlignCorners;
  if (axis.outputs == 1 && is_at_0) return axis;
  switch (coordinates) {
    case CoordinateMode::OfMode:  // never, see coordinates_of
    case CoordinateMode::HalfPixel:
    case CoordinateMode::PytorchHalfPixel:
      axis.divisor = 2 * over;
      axis.first = under < over ? Place{-1, over + under} : place(under - over);
      axis.step = {static_cast<int>(under / over), 2 * (under % over)};
      break;
    case CoordinateMode::Asymmetric:
      axis.divisor = over;
      axis.step = place(under);
      break;
    case CoordinateMode::AlignCorners:
      axis.divisor = static_cast<std::uint32_t>(axis.outputs) - 1;
      axis.step = place(static_cast<std::uint32_t>(extent) - 1);
      break;
  }
  return axis;
}

/// Both axes of an Upsample.
/// Shapes   x [H, W, C] -> y [rows.outputs, columns.outputs, C]
struct Resize {
  ResizeAxis rows, columns;
  int channels = 1;
  NearestMode nearest_mode = NearestMode::Floor;
};

/// The Upsample that these settings of a node mean for a map.
constexpr Resize resize_of(const Settings& s, const Shape& x) {
  return {resize_axis(x[0], s.scale_factor.height, coordinates_of(s)),
          resize_axis(x[1], s.scale_factor.width, coordinates_of(s)), x[2], s.nearest_mode};
}

namespace detail {

/// product / whole in 16 fractional bits, half up; 0 <= product <= whole < 2^62.
constexpr std::int32_t weight(std::uint64_t product, std::uint64_t whole) {
  if (whole < (1u << 16)) {
    const auto numerator = static_cast<std::uint32_t>(product) << 16, divisor = static_cast<std::uint32_t>(whole);
    return static_cast<std::int32_t>((numerator + divisor / 2) / divisor);
  }
  if (product == whole) return 1 << 16;
  return static_cast<std::int32_t>((long_division(product, 0, 17, whole) + 1) / 2);
}

}  // namespace detail

/// The weights of the four pixels around an output pixel: first row, then second. They sum to 2^16.
struct PixelWeights {
  std::int32_t of[4];
};

/// Of a point between two rows and two columns. The last weight is the rest of 2^16.
constexpr PixelWeights pixel_weights(const Between& rows, std::uint32_t row_divisor, const Between& columns,
                                     std::uint32_t column_divisor) {
  const std::uint64_t height = row_divisor, width = column_divisor;
  const std::uint64_t below = rows.distance, right = columns.distance, whole = height * width;
  PixelWeights w{{detail::weight((height - below) * (width - right), whole),
                  detail::weight((height - below) * right, whole), detail::weight(below * (width - right), whole), 0}};
  w.of[3] = (1 << 16) - w.of[0] - w.of[1] - w.of[2];
  return w;
}

/// The nearest pixel of each point.
/// Shapes   x [H,W,C] -> y [rows.outputs, columns.outputs, C]
/// Units    int8 or int16, both at the scale of x
/// Rounding of coordinates as `nearest_mode` says; they are exact
/// Errors   none; y overlaps nothing
/// Source   nash.md section 4
template <class T>
constexpr void upsample_nearest(const T* x, const Resize& r, T* y) {
  Place row = r.rows.first;
  for (int oy = 0; oy < r.rows.outputs; ++oy, row = r.rows.next(row)) {
    const T* const line = x + r.rows.nearest(row, r.nearest_mode) * r.columns.extent * r.channels;
    Place column = r.columns.first;
    for (int ox = 0; ox < r.columns.outputs; ++ox, column = r.columns.next(column)) {
      const T* const pixel = line + r.columns.nearest(column, r.nearest_mode) * r.channels;
      for (int c = 0; c < r.channels; ++c) *y++ = pixel[c];
    }
  }
}

/// The weighted mean of the four nearest pixels.
/// Shapes   x [H,W,C] -> y [rows.outputs, columns.outputs, C]
/// Units    int8, both at the scale of x; the sum: int32 with 16 fractional bits
/// Rounding weights half up to 16 fractional bits, the last one the remainder to 2^16; the sum half up
/// Errors   none; y overlaps nothing
/// Equals   interpolated x within 0.506 steps (nash.md); exactly rounded where the weights are exact (factors that are
///          powers of two)
/// Source   nash.md section 4
constexpr void upsample_bilinear(const std::int8_t* x, const Resize& r, std::int8_t* y) {
  const int line = r.columns.extent * r.channels;
  Place row = r.rows.first;
  for (int oy = 0; oy < r.rows.outputs; ++oy, row = r.rows.next(row)) {
    const Between rows = r.rows.between(row);
    Place column = r.columns.first;
    for (int ox = 0; ox < r.columns.outputs; ++ox, column = r.columns.next(column)) {
      const Between columns = r.columns.between(column);
      const PixelWeights w = pixel_weights(rows, r.rows.divisor, columns, r.columns.divisor);
      const std::int8_t* x00 = x + rows.first * line + columns.first * r.channels;
      const std::int8_t* x01 = x + rows.first * line + columns.second * r.channels;
      const std::int8_t* x10 = x + rows.second * line + columns.first * r.channels;
      const std::int8_t* x11 = x + rows.second * line + columns.second * r.channels;
      for (int c = 0; c < r.channels; ++c)
        *y++ = static_cast<std::int8_t>(
            round_half_up_shift(x00[c] * w.of[0] + x01[c] * w.of[1] + x10[c] * w.of[2] + x11[c] * w.of[3], 16));
    }
  }
}

}  // namespace quench::kernels
