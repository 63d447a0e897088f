// SPDX-License-Identifier: Apache-2.0
// Layers without parameters that change the resolution: pools and Upsample. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// Largest value of a window, which contains at least one pixel. Has no scale, so it may be called any number of times.
/// With `ceil_mode` a last window may go past the padding, if it begins in the map or the padding before it.
/// Shapes   x [H, W, C] -> y [(H + top + bottom - d(k-1) - 1)/s + 1, the same for W, C], rounded up with `ceil_mode`;
///          the stride is the kernel unless given
/// Errors   shape-mismatch, setting-out-of-range (compile time)
struct MaxPool2d {
  Pair kernel_size{};
  Pair stride = kernel_size;
  Padding padding = 0;
  Pair dilation = 1;
  bool ceil_mode = false;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::MaxPool2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.kernel_size = kernel_size;
    settings.stride = stride;
    settings.padding = padding;
    settings.dilation = dilation;
    settings.ceil_mode = ceil_mode;
    return x.call(op, module_index, line, settings);
  }
};

/// Mean of a window; padding counts as zeros, or with `count_include_pad = false` not at all. Owns an output scale. With
/// `ceil_mode` a last window may go past the padding; what lies there never counts.
/// Shapes   x [H, W, C] -> y [(H + top + bottom - k)/s + 1, the same for W, C], rounded up with `ceil_mode`; the stride is
///          the kernel size unless given
/// Errors   shape-mismatch, setting-out-of-range, module-called-once inside the quantized region (compile time)
struct AvgPool2d {
  Pair kernel_size{};
  Pair stride = kernel_size;
  Padding padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::AvgPool2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.kernel_size = kernel_size;
    settings.stride = stride;
    settings.padding = padding;
    settings.ceil_mode = ceil_mode;
    settings.count_include_pad = count_include_pad;
    return x.call(op, module_index, line, settings);
  }
};

/// Mean of each channel over the whole map, PyTorch's AdaptiveAvgPool2d(1). Owns an output scale.
/// Shapes   x [H, W, C] -> y [1, 1, C]
/// Errors   shape-mismatch, module-called-once inside the quantized region (compile time)
struct GlobalAvgPool2d {
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::GlobalAvgPool2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    return x.call(op, module_index, line, {});
  }
};

/// Means of windows that share the map: along each axis window i of n begins at floor(i * extent / n) and ends before
/// ceil((i + 1) * extent / n). Owns an output scale.
/// Shapes   x [H, W, C] -> y [output height, output width, C]; the output may have more pixels than the map
/// Errors   shape-mismatch, setting-out-of-range (1 to 46340 along an axis), module-called-once inside the quantized
///          region (compile time)
/// Equals   AvgPool2d with kernel_size and stride H / height, W / width where these are whole
struct AdaptiveAvgPool2d {
  Pair output_size{};
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::AdaptiveAvgPool2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.output_size = output_size;
    return x.call(op, module_index, line, settings);
  }
};

/// Largest values of the same windows. Has no scale, so it may be called any number of times.
/// Shapes   x [H, W, C] -> y [output height, output width, C]
/// Errors   shape-mismatch, setting-out-of-range (1 to 46340 along an axis) (compile time)
/// Equals   MaxPool2d with kernel_size and stride H / height, W / width where these are whole
struct AdaptiveMaxPool2d {
  Pair output_size{};
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::AdaptiveMaxPool2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.output_size = output_size;
    return x.call(op, module_index, line, settings);
  }
};

/// Enlarges or reduces a map, to `size` or by `scale_factor`: takes pixels, or interpolates bilinearly. Uses the scale of
/// its input. Coordinates are exact fractions. `scale_factor` is used in them as it is written, also where it gives no whole
/// extent, unless `recompute_scale_factor` takes output / input in its place; both are as in PyTorch.
/// Shapes   x [H, W, C] -> y [size height, size width, C], or [floor(H * factor), floor(W * factor), C]
/// Errors   shape-mismatch, setting-out-of-range (compile time)
/// Equals   PyTorch's Upsample with mode "nearest" or "bilinear"; "nearest-exact" is Nearest with HalfPixel and
///          RoundPreferCeil; `coordinates` and `nearest_mode` are those of ONNX's Resize
struct Upsample {
  Pair size = -1;              // -1: by scale_factor
  ScaleFactor scale_factor{};  // a whole or real number, a Fraction, or {height, width}
  InterpolationMode mode = InterpolationMode::Nearest;
  bool align_corners = false;  // the corner pixels keep their values; for Bilinear, as in PyTorch
  bool recompute_scale_factor = false;
  CoordinateMode coordinates = CoordinateMode::OfMode;
  NearestMode nearest_mode = NearestMode::Floor;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Upsample;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.mode = mode;
    settings.coordinates = align_corners ? CoordinateMode::AlignCorners : coordinates;
    if (mode == InterpolationMode::Nearest) settings.nearest_mode = nearest_mode;
    settings.scale_factor = factor_for(x.traced_shape());
    refuse_contradictions(settings);
    return x.call(op, module_index, line, settings);
  }

 private:
  constexpr bool has_size() const { return size != Pair(-1); }

  constexpr ScaleFactor factor_for(const Shape& map) const {
    if (map.rank != 3) return has_size() ? ScaleFactor(1) : scale_factor;  // the shape is the mistake
    if (has_size())
      return {Fraction(size.height, detail::at_least_one(map[0])), Fraction(size.width, detail::at_least_one(map[1]))};
    if (!recompute_scale_factor) return scale_factor;
    const auto whole = [](Fraction f, int extent) {
      return f.of(extent) < 1 ? f : Fraction(detail::at_least_one(f.of(extent)), extent);  // too small: refused
    };
    return {whole(scale_factor.height, map[0]), whole(scale_factor.width, map[1])};
  }

  // What PyTorch refuses, and settings that say two things.
  constexpr void refuse_contradictions(Settings& settings) const {
    const auto refuse = [&](bool holds, TextView setting, int value) {
      if (!holds || settings.refused.size > 0) return;
      settings.refused = setting;
      settings.axes[0] = value;
    };
    if (has_size()) {
      refuse(size.height < 1, "size", size.height);
      refuse(size.width < 1, "size", size.width);
      refuse(scale_factor != ScaleFactor{}, "size and scale_factor", size.height);
      refuse(recompute_scale_factor, "size and recompute_scale_factor", 1);
    }
    refuse(align_corners && mode == InterpolationMode::Nearest, "align_corners", 1);
    refuse(align_corners && coordinates != CoordinateMode::OfMode && coordinates != CoordinateMode::AlignCorners,
           "align_corners and coordinates", 1);
  }
};

}  // namespace quench
