// SPDX-License-Identifier: Apache-2.0
// The settings of layers, as the user writes them and as a node of the graph stores them.
//
// `Pair`, `Axes` and `Margin` let a user write settings as in PyTorch: `.kernel_size = 3` or `.kernel_size = {3, 5}`,
// `mean(x, 0)` or `mean(x, {0, 1})`. A node has the settings of all operators in one plain struct, so that engines walk
// one table. Freestanding; only the compiler evaluates the real numbers here.
#pragma once

#include <concepts>
#include <initializer_list>

#include <quench/ground/text.hpp>
#include <quench/types/fraction.hpp>
#include <quench/types/shape.hpp>

namespace quench {

/// A setting for height and width: one number for both, or {height, width}.
struct Pair {
  int height = 0;
  int width = 0;

  constexpr Pair() = default;
  constexpr Pair(int both) : height(both), width(both) {}  // implicit, as in PyTorch
  constexpr Pair(int h, int w) : height(h), width(w) {}
  template <std::floating_point Real>
  Pair(Real) = delete;  // a stride or an extent is a whole number

  friend constexpr bool operator==(Pair a, Pair b) { return a.height == b.height && a.width == b.width; }
};

/// The type of `Padding::Same`.
struct SamePadding {};

/// The padding of a window, in pixels: one number, {height, width}, {top, bottom, left, right}, or `Padding::Same`.
/// `Same` is TensorFlow's SAME: ceil(extent / stride) windows, and an odd surplus goes to the bottom and the right. A
/// node of the graph has its four numbers.
struct Padding {
  int top = 0, bottom = 0, left = 0, right = 0;
  bool is_same = false;

  static constexpr SamePadding Same{};

  constexpr Padding() = default;
  constexpr Padding(int all) : Padding(all, all) {}  // implicit, as in PyTorch
  constexpr Padding(int height, int width) : Padding(height, height, width, width) {}
  constexpr Padding(Pair both) : Padding(both.height, both.width) {}  // implicit, for a named Pair
  constexpr Padding(int top_rows, int bottom_rows, int left_columns, int right_columns)
      : top(top_rows), bottom(bottom_rows), left(left_columns), right(right_columns) {}
  constexpr Padding(SamePadding) : is_same(true) {}  // implicit, for `.padding = Padding::Same`
  template <std::floating_point Real>
  Padding(Real) = delete;  // a number of pixels is a whole number

  /// The rows above the map and the columns to its left: where the first window begins.
  constexpr Pair before() const { return {top, left}; }
  constexpr Pair after() const { return {bottom, right}; }

  friend constexpr bool operator==(const Padding&, const Padding&) = default;
};

/// The padding of a window over a sequence: one number, {left, right}, or `Padding::Same`.
struct Sides {
  int left = 0, right = 0;
  bool is_same = false;

  constexpr Sides() = default;
  constexpr Sides(int both) : Sides(both, both) {}  // implicit, as in PyTorch
  constexpr Sides(int left_steps, int right_steps) : left(left_steps), right(right_steps) {}
  constexpr Sides(SamePadding) : is_same(true) {}  // implicit, for `.padding = Padding::Same`
  template <std::floating_point Real>
  Sides(Real) = delete;  // a number of steps is a whole number
};

/// A list of axes or extents: one number, or up to `max_rank` in braces. `count` also counts those that do not fit.
struct Axes {
  int count = 0;
  int values[max_rank]{};

  constexpr Axes(int one) : count(1), values{one} {}  // implicit, so that mean(x, 0) reads as in PyTorch
  constexpr Axes(std::initializer_list<int> list) {   // implicit, the same for mean(x, {0, 1})
    for (int value : list) {
      if (count < max_rank) values[count] = value;
      ++count;
    }
  }
};

/// How many zeros `pad` adds along one axis: before its first element and after its last.
struct Margin {
  int before = 0;
  int after = 0;
};

/// The factors of height and width of an `Upsample`: whole numbers, real numbers or fractions, one for both or two.
struct ScaleFactor {
  Fraction height;
  Fraction width;

  constexpr ScaleFactor() = default;
  template <std::convertible_to<Fraction> Number>
  constexpr ScaleFactor(Number both) : height(both), width(both) {}  // implicit, as in PyTorch
  constexpr ScaleFactor(Fraction h, Fraction w) : height(h), width(w) {}
  constexpr ScaleFactor(Pair whole) : height(whole.height), width(whole.width) {}  // implicit, for a named Pair

  friend constexpr bool operator==(ScaleFactor a, ScaleFactor b) { return a.height == b.height && a.width == b.width; }
};

/// How `Upsample` computes the values between pixels.
enum class InterpolationMode : unsigned char { Nearest, Bilinear };

/// The point of its input that pixel o of an `Upsample` shows, along an axis and counted from the centre of pixel 0.
/// ONNX's coordinate_transformation_mode; f is the scale factor.
enum class CoordinateMode : unsigned char {
  OfMode,            // PyTorch's: Asymmetric for Nearest, HalfPixel for Bilinear
  HalfPixel,         // (o + 1/2) / f - 1/2
  PytorchHalfPixel,  // the same, but 0 if the output has one pixel; only ONNX has it
  Asymmetric,        // o / f
  AlignCorners       // o (in - 1) / (out - 1), or 0 if the output has one pixel
};

/// Which pixel `Nearest` takes for a point between two: ONNX's nearest_mode.
enum class NearestMode : unsigned char { Floor, Ceil, RoundPreferFloor, RoundPreferCeil };

/// The settings of one node. Settings that its operator does not use keep their defaults. A 1-d layer has its numbers in
/// the widths, for a map of one row: heights are 1, and nothing is padded above and below.
struct Settings {
  Pair kernel_size{1};
  Pair stride{1};
  Padding padding{0};
  Pair output_padding{0};
  Pair dilation{1};
  ScaleFactor scale_factor{1};  // of an Upsample to a size: the extents of its output over those of its input
  Pair output_size{1};          // adaptive pools
  int in_channels = 0;   // in_features of a Linear, channels of a batch norm or ChannelAffine, slopes of a PReLU,
                         // num_embeddings
  int out_channels = 0;  // out_features of a Linear, embedding_dim
  int groups = 1;
  bool bias = false;
  bool keepdim = false;
  bool elementwise_affine = false;  // a LayerNorm or RMSNorm with a weight
  bool ceil_mode = false;           // pools
  bool count_include_pad = true;    // average pools that slide
  InterpolationMode mode = InterpolationMode::Nearest;
  CoordinateMode coordinates = CoordinateMode::OfMode;
  NearestMode nearest_mode = NearestMode::Floor;
  int axis_count = 0;  // how many axes the call names; a cat along the last axis names none
  // permute: input axis of each output axis; reshape, LayerNorm, RMSNorm: the extents; slice, sum, mean, cat: the axes;
  // Embedding: padding_idx, if it has one
  int axes[max_rank]{};
  // pad: zeros before each axis; slice: begin of the first listed axis; cat: how many are no tensors
  int begin[max_rank]{};
  int end[max_rank]{};    // pad: zeros after each axis; slice: end of the first listed axis
  float epsilon = 0;      // norms, ChannelAffine; evaluated by the compiler only
  float momentum = 0;     // batch norms; evaluated by the compiler only
  TextView function{};    // called in place of the operator: "unsqueeze"; empty: the operator itself
  TextView refused{};     // the setting of that function that is out of range; its value is axes[0]
  float parameters[2]{};  // in the order of the operator's row; evaluated by the compiler only
};

/// The coordinates of PyTorch's `Upsample` in a mode.
constexpr CoordinateMode coordinates_of(InterpolationMode mode) {
  return mode == InterpolationMode::Nearest ? CoordinateMode::Asymmetric : CoordinateMode::HalfPixel;
}
/// The coordinates of an `Upsample`, never OfMode.
constexpr CoordinateMode coordinates_of(const Settings& s) {
  return s.coordinates == CoordinateMode::OfMode ? coordinates_of(s.mode) : s.coordinates;
}

namespace detail {

/// The padding of a sequence as a map of one row.
constexpr Padding row_padding(Sides sides) {
  Padding padding(0, 0, sides.left, sides.right);
  padding.is_same = sides.is_same;
  return padding;
}

constexpr Settings axes_settings(const Axes& axes) {
  Settings settings;
  settings.axis_count = axes.count;
  for (int i = 0; i < max_rank; ++i) settings.axes[i] = axes.values[i];
  return settings;
}

}  // namespace detail

}  // namespace quench
