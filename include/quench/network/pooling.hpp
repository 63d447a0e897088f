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

/// Enlarges a map by an integer factor: repeats pixels, or interpolates bilinearly with half-pixel centres (PyTorch's
/// align_corners=False). Uses the scale of its input.
/// Shapes   x [H, W, C] -> y [H * factor, W * factor, C]
/// Errors   shape-mismatch, setting-out-of-range (compile time)
struct Upsample {
  Pair scale_factor{};
  InterpolationMode mode = InterpolationMode::Nearest;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Upsample;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.scale_factor = scale_factor;
    settings.mode = mode;
    return x.call(op, module_index, line, settings);
  }
};

}  // namespace quench
