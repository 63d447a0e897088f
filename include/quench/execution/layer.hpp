// SPDX-License-Identifier: Apache-2.0
// The integer weights of a conv, transposed conv, linear or channel affine: codes, bias, requantization, and the proof that no
// accumulator overflows. Source: nash.md sections 1 and 4.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/tensors/records.hpp>

namespace quench {

/// The float data of a layer.
/// Shapes   weight [K, ...]; bias [K] or empty; scales: one for each of K output channels, or of factors none
struct LayerWeights {
  std::span<const float> weight;
  std::span<const float> bias;
  std::vector<float> scales;  // from the range of each channel's weights
  DType dtype = DType::Int8;  // or Int4
  /// The weights are the factors of a ChannelAffine, [K]. The least scale is 2^-23, or what the bias or the output needs.
  /// The scale is |factor| divided by the largest of 64, 32, ... 1 that keeps it from falling below the least, so the
  /// factor is not rounded. A factor below the least scale becomes that scale, or 0.
  bool are_factors = false;

  std::size_t channels() const { return are_factors ? weight.size() : scales.size(); }
};

/// The integers of a layer. Weights are int8 (also for int4 codes), the bias is int32 at the accumulator's scale.
struct IntegerLayer {
  std::vector<std::int8_t> weight;
  std::vector<float> weight_scales;       // as used: dead and tiny channels get larger scales than their range gives
  std::vector<std::int32_t> bias;         // empty if the layer has none
  std::vector<float> accumulator_scales;  // x_scale * 2^x_shift * weight scale
  std::vector<Requantization> requantization;  // empty for int32 outputs
  int x_shift = 0;                             // the h of nash.md section 4

  IntegerLayer() = default;

  /// Rounding weights half to even in float, the bias half to even in double
  /// Errors   accumulator-may-overflow, scales-too-far-apart, scale-out-of-range, value-not-finite, shape-mismatch
  IntegerLayer(const LayerWeights& layer, float x_scale, DType x_dtype, float y_scale, DType y_dtype);

 private:
  void choose_scales(const LayerWeights& layer, double x_scale, double y_scale, DType y_dtype);

  void quantize_weight(const LayerWeights& layer, std::size_t channels, std::size_t size);

  double accumulator_scale(float x_scale, std::size_t c) const;

  static std::int32_t bias_code(const LayerWeights& layer, double scale, std::size_t c);

  // The largest magnitude of a channel's accumulator, for inputs of 2^bits steps.
  double worst_case(const LayerWeights& layer, float x_scale, std::size_t c, std::size_t size, int bits) const;

  // int8 inputs must fit without a shift; int16 inputs are shifted right until they do.
  void choose_shift(const LayerWeights& layer, float x_scale, DType x_dtype, std::size_t size);
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/execution/layer_impl.hpp>
#endif
