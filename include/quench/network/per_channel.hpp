// SPDX-License-Identifier: Apache-2.0
// Layers with parameters for each channel, the last axis: ChannelAffine, PReLU. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// x * weight + bias, with a weight and a bias for each channel. It takes the place of a BatchNorm2d that follows no conv
/// or linear, as in DenseNet: the four arrays of PyTorch's BatchNorm2d load into it. It has no statistics. To train some,
/// call `bn(affine(x))`; `prepare` makes one layer of both. Its weight is not rounded, so the weights of a qconfig do not
/// matter to it.
/// Shapes   x [..., channels] -> y [the same]
/// Errors   shape-mismatch, setting-out-of-range, module-called-once (compile time)
/// Equals   torch.nn.BatchNorm2d after `model.eval()`
struct ChannelAffine {
  int channels = 0;
  float eps = 1e-5f;  // of the batch norm that is loaded; evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::ChannelAffine;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = channels;
    settings.out_channels = channels;
    settings.bias = true;
    settings.epsilon = eps;
    return x.call(op, module_index, line, settings);
  }
};

/// x where x >= 0, weight * x below, with one weight for all values or one for each channel. The channels are the last axis.
/// Shapes   x [..., channels] -> y [the same]; num_parameters is 1 or the number of channels
/// Errors   shape-mismatch, setting-out-of-range, module-called-once (compile time)
/// Equals   torch.nn.PReLU of maps and vectors; of rows [T, channels] PyTorch's channels are T
struct PReLU {
  int num_parameters = 1;
  float init = 0.25f;  // where training begins; evaluated by the compiler only
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::PReLU;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings;
    settings.in_channels = num_parameters;
    settings.out_channels = num_parameters;
    settings.parameters[0] = init;
    return x.call(op, module_index, line, settings);
  }
};

}  // namespace quench
