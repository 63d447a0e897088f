// SPDX-License-Identifier: Apache-2.0
// The integer constants of a LayerNorm or RMSNorm: weights and biases over the scale of the output, and eps over that of
// the input. Source: nash.md section 4.
#pragma once

#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/kernels/layer_norm.hpp>

namespace quench {

/// The integers of a LayerNorm or RMSNorm.
struct IntegerLayerNorm {
  std::vector<kernels::RowWeight> weight;  // one for each value of a row
  std::vector<std::int32_t> bias;          // the same, or empty
  kernels::RowNorm constants;              // points to both

  /// Shapes   weight [size], or empty for weights of 1; bias [size] or empty
  /// Units    weight, bias and eps real; eps is above 0
  /// Rounding each to nearest in double, half to even; weights to 15 bits and a sign
  /// Errors   scales-too-far-apart if a bias is 2^20 steps of y or more; undefined unless all are finite
  IntegerLayerNorm(int size, std::span<const float> weight, std::span<const float> bias, float eps, float x_scale,
                   float y_scale);
  IntegerLayerNorm(const IntegerLayerNorm&) = delete;
  IntegerLayerNorm& operator=(const IntegerLayerNorm&) = delete;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/tensors/layer_norm_impl.hpp>
#endif
