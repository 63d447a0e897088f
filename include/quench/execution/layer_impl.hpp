// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/execution/layer.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <quench/tensors/quantize.hpp>

namespace quench {

QUENCH_INLINE IntegerLayer::IntegerLayer(const LayerWeights& layer, float x_scale, DType x_dtype, float y_scale,
                                         DType y_dtype) {
  const std::size_t channels = layer.channels(), size = layer.weight.size() / channels;
  choose_scales(layer, static_cast<double>(x_scale), static_cast<double>(y_scale), y_dtype);
  quantize_weight(layer, channels, size);
  choose_shift(layer, x_scale, x_dtype, size);
  for (std::size_t c = 0; c < channels; ++c) {
    const double scale = accumulator_scale(x_scale, c);
    accumulator_scales.push_back(checked_accumulator_scale(scale));
    if (!layer.bias.empty()) bias.push_back(bias_code(layer, scale, c));
    if (y_dtype != DType::Int32)
      requantization.push_back(
          quench::requantization(scale / static_cast<double>(y_scale), bits_of(y_dtype), RequantizeFrom::Accumulators));
  }
}

QUENCH_INLINE void IntegerLayer::choose_scales(const LayerWeights& layer, double x_scale, double y_scale,
                                               DType y_dtype) {
  for (std::size_t c = 0; c < layer.channels(); ++c) {
    double least = layer.are_factors ? static_cast<double>(smallest_scale) : 0;
    if (!layer.bias.empty()) least = std::max(least, std::abs(static_cast<double>(layer.bias[c])) / (x_scale * 0x1p30));
    if (y_dtype != DType::Int32) least = std::max(least, y_scale * 0x1p-30 / x_scale);
    double scale =
        layer.are_factors ? std::abs(static_cast<double>(layer.weight[c])) : static_cast<double>(layer.scales[c]);
    for (int code = 1; layer.are_factors && code < 64 && scale / 2 >= least; code *= 2) scale /= 2;
    weight_scales.push_back(checked_scale(static_cast<float>(std::max(scale, least))));
  }
}

QUENCH_INLINE void IntegerLayer::quantize_weight(const LayerWeights& layer, std::size_t channels, std::size_t size) {
  weight.resize(layer.weight.size());
  const ChannelLayout layout{1, channels, size};
  const CodeRange codes = code_range(layer.dtype);
  const host::CodeLimits limits{static_cast<float>(codes.qmin), static_cast<float>(codes.qmax)};
  if (!host::quantize(layout, weight_scales, limits, layer.weight.data(), weight.data()))
    tensors::throw_nan(layer.weight);
}

QUENCH_INLINE double IntegerLayer::accumulator_scale(float x_scale, std::size_t c) const {
  return std::ldexp(static_cast<double>(x_scale) * static_cast<double>(weight_scales[c]), x_shift);
}

QUENCH_INLINE std::int32_t IntegerLayer::bias_code(const LayerWeights& layer, double scale, std::size_t c) {
  const double code = std::nearbyint(static_cast<double>(layer.bias[c]) / scale);
  if (!(std::abs(code) <= 2147483647.0))
    throw Error(diagnosis::accumulator_may_overflow, "the bias of channel " + std::to_string(c));
  return static_cast<std::int32_t>(code);
}

QUENCH_INLINE double IntegerLayer::worst_case(const LayerWeights& layer, float x_scale, std::size_t c, std::size_t size,
                                              int bits) const {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += std::abs(static_cast<double>(weight[c * size + i]));
  const double first =
      layer.bias.empty() ? 0 : std::nearbyint(static_cast<double>(layer.bias[c]) / accumulator_scale(x_scale, c));
  return sum * std::exp2(bits) + std::abs(first);
}

QUENCH_INLINE void IntegerLayer::choose_shift(const LayerWeights& layer, float x_scale, DType x_dtype,
                                              std::size_t size) {
  const int bits = x_dtype == DType::Int16 ? 15 : 7, most = x_dtype == DType::Int16 ? 15 : 0;
  for (std::size_t c = 0; c < layer.channels(); ++c)
    while (worst_case(layer, x_scale, c, size, bits - x_shift) > 2147483647.0)
      if (++x_shift > most)
        throw Error(diagnosis::accumulator_may_overflow, "channel " + std::to_string(c) + " can reach " +
                                                             tensors::text(worst_case(layer, x_scale, c, size, 7)));
}

}  // namespace quench
