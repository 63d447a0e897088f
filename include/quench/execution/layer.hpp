// SPDX-License-Identifier: Apache-2.0
// The integer weights of a conv, transposed conv or linear: codes, bias, requantization, and the proof that no
// accumulator overflows. Source: nash.md sections 1 and 4.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include <quench/tensors/quantize.hpp>
#include <quench/tensors/records.hpp>

namespace quench {

/// The float data of a layer.
/// Shapes   weight [K, ...]; bias [K] or empty; scales: one for each of K output channels
struct LayerWeights {
  std::span<const float> weight;
  std::span<const float> bias;
  std::vector<float> scales;  // from the range of each channel's weights
  DType dtype = DType::Int8;  // or Int4
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
  IntegerLayer(const LayerWeights& layer, float x_scale, DType x_dtype, float y_scale, DType y_dtype) {
    const std::size_t channels = layer.scales.size(), size = layer.weight.size() / channels;
    choose_scales(layer, static_cast<double>(x_scale), static_cast<double>(y_scale), y_dtype);
    quantize_weight(layer, channels, size);
    choose_shift(layer, x_scale, x_dtype, size);
    for (std::size_t c = 0; c < channels; ++c) {
      const double scale = accumulator_scale(x_scale, c);
      accumulator_scales.push_back(checked_accumulator_scale(scale));
      if (!layer.bias.empty()) bias.push_back(bias_code(layer, scale, c));
      if (y_dtype != DType::Int32)
        requantization.push_back(quench::requantization(scale / static_cast<double>(y_scale), bits_of(y_dtype),
                                                        RequantizeFrom::Accumulators));
    }
  }

 private:
  void choose_scales(const LayerWeights& layer, double x_scale, double y_scale, DType y_dtype) {
    for (std::size_t c = 0; c < layer.scales.size(); ++c) {
      double scale = static_cast<double>(layer.scales[c]);
      if (!layer.bias.empty())
        scale = std::max(scale, std::abs(static_cast<double>(layer.bias[c])) / (x_scale * 0x1p30));
      if (y_dtype != DType::Int32) scale = std::max(scale, y_scale * 0x1p-30 / x_scale);
      weight_scales.push_back(checked_scale(static_cast<float>(scale)));
    }
  }

  void quantize_weight(const LayerWeights& layer, std::size_t channels, std::size_t size) {
    weight.resize(layer.weight.size());
    const ChannelLayout layout{1, channels, size};
    const CodeRange codes = code_range(layer.dtype);
    const host::CodeLimits limits{static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
    if (!host::quantize(layout, weight_scales, limits, layer.weight.data(), weight.data()))
      tensors::throw_nan(layer.weight);
  }

  double accumulator_scale(float x_scale, std::size_t c) const {
    return std::ldexp(static_cast<double>(x_scale) * static_cast<double>(weight_scales[c]), x_shift);
  }

  static std::int32_t bias_code(const LayerWeights& layer, double scale, std::size_t c) {
    const double code = std::nearbyint(static_cast<double>(layer.bias[c]) / scale);
    if (!(std::abs(code) <= 2147483647.0))
      throw Error(diagnosis::accumulator_may_overflow, "the bias of channel " + std::to_string(c));
    return static_cast<std::int32_t>(code);
  }

  // The largest magnitude of a channel's accumulator, for inputs of 2^bits steps.
  double worst_case(const LayerWeights& layer, float x_scale, std::size_t c, std::size_t size, int bits) const {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += std::abs(static_cast<double>(weight[c * size + i]));
    const double first =
        layer.bias.empty() ? 0 : std::nearbyint(static_cast<double>(layer.bias[c]) / accumulator_scale(x_scale, c));
    return sum * std::exp2(bits) + std::abs(first);
  }

  // int8 inputs must fit without a shift; int16 inputs are shifted right until they do.
  void choose_shift(const LayerWeights& layer, float x_scale, DType x_dtype, std::size_t size) {
    const int bits = x_dtype == DType::Int16 ? 15 : 7, most = x_dtype == DType::Int16 ? 15 : 0;
    for (std::size_t c = 0; c < layer.scales.size(); ++c)
      while (worst_case(layer, x_scale, c, size, bits - x_shift) > 2147483647.0)
        if (++x_shift > most)
          throw Error(diagnosis::accumulator_may_overflow, "channel " + std::to_string(c) + " can reach " +
                                                               tensors::text(worst_case(layer, x_scale, c, size, 7)));
  }
};

}  // namespace quench
