// SPDX-License-Identifier: Apache-2.0
// Layers over sequences [L, C], as of audio or of a sensor: Conv1d, ConvTranspose1d, BatchNorm1d and pools.
//
// L is the number of time steps. A sequence is a map of one row, and each layer here is the 2-d layer of that map, bit
// for bit. Settings have PyTorch's names, in its order; weights are [out, k, in/groups]. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// 1-d convolution; depthwise with groups = in_channels.
/// Shapes   x [L, in_channels] -> y [(L + left + right - d(k-1) - 1)/s + 1, out_channels]
/// Errors   shape-mismatch, setting-out-of-range, accumulator-may-overflow, module-called-once (compile time)
struct Conv1d {
  int in_channels = 0;
  int out_channels = 0;
  int kernel_size = 0;
  int stride = 1;
  Sides padding = 0;
  int dilation = 1;
  int groups = 1;
  bool bias = true;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Conv1d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = in_channels;
    settings.out_channels = out_channels;
    settings.kernel_size = {1, kernel_size};
    settings.stride = {1, stride};
    settings.padding = detail::row_padding(padding);
    settings.dilation = {1, dilation};
    settings.groups = groups;
    settings.bias = bias;
    return x.call(op, module_index, line, settings);
  }
};

/// 1-d transposed convolution, for learned upsampling.
/// Shapes   x [L, in_channels] -> y [(L-1)s - 2p + d(k-1) + output_padding + 1, out_channels]
/// Errors   shape-mismatch, setting-out-of-range, accumulator-may-overflow, module-called-once (compile time)
struct ConvTranspose1d {
  int in_channels = 0;
  int out_channels = 0;
  int kernel_size = 0;
  int stride = 1;
  int padding = 0;
  int output_padding = 0;
  int groups = 1;
  bool bias = true;
  int dilation = 1;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::ConvTranspose1d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = in_channels;
    settings.out_channels = out_channels;
    settings.kernel_size = {1, kernel_size};
    settings.stride = {1, stride};
    settings.padding = detail::row_padding(padding);
    settings.output_padding = {0, output_padding};
    settings.groups = groups;
    settings.bias = bias;
    settings.dilation = {1, dilation};
    return x.call(op, module_index, line, settings);
  }
};

/// BatchNorm2d under PyTorch's name for sequences [L, channels] and vectors [channels].
/// Shapes   x [..., channels] -> y [the same]
/// Errors   batch-norm-not-foldable, shape-mismatch, setting-out-of-range, module-called-once (compile time)
struct BatchNorm1d {
  int channels = 0;
  float eps = 1e-5f;      // evaluated by the compiler only
  float momentum = 0.1f;  // evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::BatchNorm1d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = channels;
    settings.out_channels = channels;
    settings.epsilon = eps;
    settings.momentum = momentum;
    return x.call(op, module_index, line, settings);
  }
};

/// Largest value of a window, as MaxPool2d. Has no scale, so it may be called any number of times.
/// Shapes   x [L, C] -> y [(L + left + right - d(k-1) - 1)/s + 1, C], rounded up with `ceil_mode`; the stride is the
///          kernel size unless given
/// Errors   shape-mismatch, setting-out-of-range (compile time)
struct MaxPool1d {
  int kernel_size = 0;
  int stride = kernel_size;
  Sides padding = 0;
  int dilation = 1;
  bool ceil_mode = false;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::MaxPool1d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.kernel_size = {1, kernel_size};
    settings.stride = {1, stride};
    settings.padding = detail::row_padding(padding);
    settings.dilation = {1, dilation};
    settings.ceil_mode = ceil_mode;
    return x.call(op, module_index, line, settings);
  }
};

/// Mean of a window, as AvgPool2d. Owns an output scale.
/// Shapes   x [L, C] -> y [(L + left + right - k)/s + 1, C], rounded up with `ceil_mode`; the stride is the kernel size
///          unless given
/// Errors   shape-mismatch, setting-out-of-range, module-called-once inside the quantized region (compile time)
struct AvgPool1d {
  int kernel_size = 0;
  int stride = kernel_size;
  Sides padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::AvgPool1d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.kernel_size = {1, kernel_size};
    settings.stride = {1, stride};
    settings.padding = detail::row_padding(padding);
    settings.ceil_mode = ceil_mode;
    settings.count_include_pad = count_include_pad;
    return x.call(op, module_index, line, settings);
  }
};

/// Means of windows that share the sequence, as AdaptiveAvgPool2d: with an output size of 1 the mean of each channel.
/// Owns an output scale.
/// Shapes   x [L, C] -> y [output_size, C]
/// Errors   shape-mismatch, setting-out-of-range, module-called-once inside the quantized region (compile time)
struct AdaptiveAvgPool1d {
  int output_size = 0;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::AdaptiveAvgPool1d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.output_size = {1, output_size};
    return x.call(op, module_index, line, settings);
  }
};

/// Largest values of windows that share the sequence, as AdaptiveMaxPool2d. Has no scale, so it may be called any number
/// of times.
/// Shapes   x [L, C] -> y [output_size, C]
/// Errors   shape-mismatch, setting-out-of-range (compile time)
struct AdaptiveMaxPool1d {
  int output_size = 0;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::AdaptiveMaxPool1d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.output_size = {1, output_size};
    return x.call(op, module_index, line, settings);
  }
};

}  // namespace quench
