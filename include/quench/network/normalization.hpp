// SPDX-License-Identifier: Apache-2.0
// LayerNorm and RMSNorm: each row of the last axes is normalized by its own statistics, also on integers. Settings have
// PyTorch's names, in its order. Freestanding.
#pragma once

#include <quench/network/symbol.hpp>

namespace quench {

/// w (x - mean) / sqrt(variance + eps) + b over the last axes, with a weight and a bias for each value of a row.
/// Shapes   x [..., normalized_shape] -> y [the same]; weight, bias [normalized_shape]
/// Errors   shape-mismatch, setting-out-of-range unless eps is above 0, accumulator-may-overflow, module-called-once
///          (compile time)
struct LayerNorm {
  Axes normalized_shape = 0;  // 192, or {14, 14, 192}
  float eps = 1e-5f;          // evaluated by the compiler only
  bool elementwise_affine = true;
  bool bias = true;  // only with elementwise_affine
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::LayerNorm;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings = detail::axes_settings(normalized_shape);
    settings.epsilon = eps;
    settings.elementwise_affine = elementwise_affine;
    settings.bias = elementwise_affine && bias;
    return x.call(op, module_index, line, settings);
  }
};

/// w x / sqrt(mean of squares + eps) over the last axes, with a weight for each value of a row. PyTorch's default of eps
/// is this one, float's epsilon.
/// Shapes   x [..., normalized_shape] -> y [the same]; weight [normalized_shape]
/// Errors   shape-mismatch, setting-out-of-range unless eps is above 0, accumulator-may-overflow, module-called-once
///          (compile time)
struct RMSNorm {
  Axes normalized_shape = 0;  // 192, or {14, 14, 192}
  float eps = 1.1920929e-7f;  // evaluated by the compiler only
  bool elementwise_affine = true;
  ModuleIndex module_index{};

  static constexpr Operator op = Operator::RMSNorm;
  [[nodiscard]] constexpr Symbol operator()(Symbol x, CallLine line = CallLine::here()) const {
    Settings settings = detail::axes_settings(normalized_shape);
    settings.epsilon = eps;
    settings.elementwise_affine = elementwise_affine;
    return x.call(op, module_index, line, settings);
  }
};

}  // namespace quench
