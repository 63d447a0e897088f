// SPDX-License-Identifier: Apache-2.0
// Layers with parameters: Conv2d, ConvTranspose2d, Linear, BatchNorm2d. Settings have PyTorch's names, in its order.
// Tensors are channels-last and without the batch; weights are [out, kh, kw, in/groups]. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// 2-d convolution; depthwise with groups = in_channels.
/// Shapes   x [H, W, in_channels] -> y [(H + top + bottom - d(k-1) - 1)/s + 1, the same for W, out_channels]
/// Errors   shape-mismatch, setting-out-of-range, accumulator-may-overflow, module-called-once (compile time)
struct Conv2d {
  int in_channels = 0;
  int out_channels = 0;
  Pair kernel_size{};
  Pair stride = 1;
  Padding padding = 0;
  Pair dilation = 1;
  int groups = 1;
  bool bias = true;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Conv2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = in_channels;
    settings.out_channels = out_channels;
    settings.kernel_size = kernel_size;
    settings.stride = stride;
    settings.padding = padding;
    settings.dilation = dilation;
    settings.groups = groups;
    settings.bias = bias;
    return x.call(op, module_index, line, settings);
  }
};

/// 2-d transposed convolution, for learned upsampling.
/// Shapes   x [H, W, in_channels] -> y [(H-1)s - 2p + d(k-1) + output_padding + 1, the same for W, out_channels]
/// Errors   shape-mismatch, setting-out-of-range, accumulator-may-overflow, module-called-once (compile time)
struct ConvTranspose2d {
  int in_channels = 0;
  int out_channels = 0;
  Pair kernel_size{};
  Pair stride = 1;
  Pair padding = 0;
  Pair output_padding = 0;
  int groups = 1;
  bool bias = true;
  Pair dilation = 1;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::ConvTranspose2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = in_channels;
    settings.out_channels = out_channels;
    settings.kernel_size = kernel_size;
    settings.stride = stride;
    settings.padding = padding;
    settings.output_padding = output_padding;
    settings.groups = groups;
    settings.bias = bias;
    settings.dilation = dilation;
    return x.call(op, module_index, line, settings);
  }
};

/// Matrix product with a weight [out_features, in_features] along the last axis.
/// Shapes   x [..., in_features] -> y [..., out_features]
/// Errors   shape-mismatch, setting-out-of-range, accumulator-may-overflow, module-called-once (compile time)
struct Linear {
  int in_features = 0;
  int out_features = 0;
  bool bias = true;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::Linear;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = in_features;
    settings.out_channels = out_features;
    settings.bias = bias;
    return x.call(op, module_index, line, settings);
  }
};

/// Batch normalization of the last axis. It must directly follow a conv, a linear or a ChannelAffine, and becomes part of
/// it. Elsewhere a ChannelAffine takes its place.
/// Shapes   x [..., channels] -> y [the same]
/// Errors   batch-norm-not-foldable, shape-mismatch, setting-out-of-range, module-called-once (compile time)
struct BatchNorm2d {
  int channels = 0;
  float eps = 1e-5f;      // evaluated by the compiler only
  float momentum = 0.1f;  // evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::BatchNorm2d;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = channels;
    settings.out_channels = channels;
    settings.epsilon = eps;
    settings.momentum = momentum;
    return x.call(op, module_index, line, settings);
  }
};

}  // namespace quench
