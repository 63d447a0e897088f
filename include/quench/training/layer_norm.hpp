// SPDX-License-Identifier: Apache-2.0
// LayerNorm and RMSNorm in float, forward and backward. The statistics of each row are taken in double, again in
// backward, so that nothing but the input is kept.
#pragma once

#include <cmath>
#include <vector>

#include <quench/training/operand.hpp>

namespace quench::training {

namespace detail {

/// The mean of a row (0 for RMSNorm), and 1 / sqrt(variance + eps) about it.
struct RowStatistics {
  double mean = 0, inverse_deviation = 0;

  RowStatistics(const Call& call, const float* x, std::ptrdiff_t size) {
    if (call.node->op == Operator::LayerNorm)
      for (std::ptrdiff_t i = 0; i < size; ++i) mean += static_cast<double>(x[i]) / static_cast<double>(size);
    double squares = 0;
    for (std::ptrdiff_t i = 0; i < size; ++i) squares += distance(x[i]) * distance(x[i]);
    inverse_deviation =
        1 / std::sqrt(squares / static_cast<double>(size) + static_cast<double>(call.settings().epsilon));
  }

  double distance(float x) const { return static_cast<double>(x) - mean; }
  double normalized(float x) const { return distance(x) * inverse_deviation; }
};

inline std::ptrdiff_t row_size(const Call& call) { return extents_of(call.settings()).elements(); }

}  // namespace detail

/// w (x - mean) / sqrt(variance + eps) + b over the last axes; RMSNorm without the mean.
inline void row_norm_forward(const Call& call, const LayerParameters& p) {
  const std::ptrdiff_t size = detail::row_size(call);
  for (std::ptrdiff_t row = 0; row < call.size(); row += size) {
    const float* x = call.x[0].values + row;
    float* y = call.y.values + row;
    const detail::RowStatistics statistics(call, x, size);
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      const double weight = p.weight != nullptr ? static_cast<double>(p.weight[i]) : 1;
      const double bias = p.bias != nullptr ? static_cast<double>(p.bias[i]) : 0;
      y[i] = static_cast<float>(weight * statistics.normalized(x[i]) + bias);
    }
  }
}

/// With g = gy w and the normalized z, the gradient of x is (g - mean(g) - z mean(g z)) / sqrt(variance + eps); for
/// RMSNorm without mean(g).
inline void row_norm_backward(const Call& call, const LayerParameters& p) {
  const std::ptrdiff_t size = detail::row_size(call);
  std::vector<double> weight_sums(static_cast<std::size_t>(size)), bias_sums(static_cast<std::size_t>(size));
  for (std::ptrdiff_t row = 0; row < call.size(); row += size) {
    const float *x = call.x[0].values + row, *gy = call.y.gradient + row;
    const detail::RowStatistics statistics(call, x, size);
    const auto gradient = [&](std::ptrdiff_t i) {
      return static_cast<double>(gy[i]) * (p.weight != nullptr ? static_cast<double>(p.weight[i]) : 1);
    };
    double mean = 0, by_normalized = 0;
    for (std::ptrdiff_t i = 0; i < size; ++i) {
      const double z = statistics.normalized(x[i]);
      weight_sums[static_cast<std::size_t>(i)] += static_cast<double>(gy[i]) * z;
      bias_sums[static_cast<std::size_t>(i)] += static_cast<double>(gy[i]);
      mean += gradient(i) / static_cast<double>(size);
      by_normalized += gradient(i) * z / static_cast<double>(size);
    }
    if (call.x[0].gradient == nullptr) continue;
    if (call.node->op == Operator::RMSNorm) mean = 0;
    for (std::ptrdiff_t i = 0; i < size; ++i)
      call.x[0].gradient[row + i] += static_cast<float>(
          (gradient(i) - mean - statistics.normalized(x[i]) * by_normalized) * statistics.inverse_deviation);
  }
  for (std::size_t i = 0; i < weight_sums.size(); ++i) {
    if (p.weight_gradient != nullptr) p.weight_gradient[i] += static_cast<float>(weight_sums[i]);
    if (p.bias_gradient != nullptr) p.bias_gradient[i] += static_cast<float>(bias_sums[i]);
  }
}

}  // namespace quench::training
