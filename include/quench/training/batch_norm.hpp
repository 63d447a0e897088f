// SPDX-License-Identifier: Apache-2.0
// Batch normalization of the last axis in float: by the statistics of the batch in training, by the running ones
// otherwise. Sums are taken part by part of the batch and added in a fixed order, so workers change no bit.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <quench/host/workers.hpp>
#include <quench/training/operand.hpp>

namespace quench::training {

/// Two sums for each channel.
struct ChannelSums {
  std::vector<double> first, second;

  explicit ChannelSums(int channels = 0)
      : first(static_cast<std::size_t>(channels)), second(static_cast<std::size_t>(channels)) {}
  void add(const ChannelSums& other) {
    for (std::size_t c = 0; c < first.size(); ++c) {
      first[c] += other.first[c];
      second[c] += other.second[c];
    }
  }
};

namespace detail {

/// Σ f(i) and Σ g(i) over the elements i of a call, channel by channel.
template <class F, class G>
ChannelSums channel_sums(const Call& call, F f, G g) {
  const int channels = call.y.shape.channels();
  ChannelSums sums(channels);
  for (std::ptrdiff_t row = 0; row < call.size(); row += channels)
    for (int c = 0; c < channels; ++c) {
      sums.first[static_cast<std::size_t>(c)] += f(row + c, c);
      sums.second[static_cast<std::size_t>(c)] += g(row + c, c);
    }
  return sums;
}

}  // namespace detail

/// What a BatchNorm2d knows of a batch.
struct BatchStatistics {
  std::vector<float> mean, inverse_deviation;

  /// From running statistics.
  BatchStatistics(const std::vector<float>& running_mean, const std::vector<float>& running_variance, float epsilon)
      : mean(running_mean) {
    for (const float running : running_variance)
      inverse_deviation.push_back(inverse(static_cast<double>(running), epsilon));
  }
  /// From Σ x and Σ x² of `count` values of each channel.
  BatchStatistics(const ChannelSums& sums, double count, float epsilon) {
    for (std::size_t c = 0; c < sums.first.size(); ++c) {
      const double average = sums.first[c] / count;
      mean.push_back(static_cast<float>(average));
      variance.push_back(std::max(sums.second[c] / count - average * average, 0.0));
      inverse_deviation.push_back(inverse(variance.back(), epsilon));
    }
  }
  BatchStatistics() = default;

  std::vector<double> variance;  // of the batch, divided by count

 private:
  static float inverse(double squares, float epsilon) {
    return static_cast<float>(1 / std::sqrt(squares + static_cast<double>(epsilon)));
  }
};

/// Σ x and Σ x² of some samples.
inline ChannelSums batch_norm_sums(const Call& call) {
  const float* x = call.x[0].values;
  return detail::channel_sums(
      call, [x](std::ptrdiff_t i, int) { return static_cast<double>(x[i]); },
      [x](std::ptrdiff_t i, int) { return static_cast<double>(x[i]) * static_cast<double>(x[i]); });
}

/// (x - mean) / deviation * weight + bias.
inline void batch_norm_forward(const Call& call, const LayerParameters& p, const BatchStatistics& statistics) {
  const int channels = call.y.shape.channels();
  std::vector<float> factor(static_cast<std::size_t>(channels)), offset(static_cast<std::size_t>(channels));
  for (int c = 0; c < channels; ++c) {
    const auto at = static_cast<std::size_t>(c);
    factor[at] = p.weight[c] * statistics.inverse_deviation[at];
    offset[at] = p.bias[c] - statistics.mean[at] * factor[at];
  }
  const float* x = call.x[0].values;
  float* y = call.y.values;
  const float *f = factor.data(), *o = offset.data();
  for (std::ptrdiff_t row = 0; row < call.size(); row += channels)
    for (int c = 0; c < channels; ++c) y[row + c] = x[row + c] * f[c] + o[c];
}

/// Σ gy and Σ gy * normalized x of some samples.
inline ChannelSums batch_norm_gradient_sums(const Call& call, const BatchStatistics& statistics) {
  const float *x = call.x[0].values, *gy = call.y.gradient;
  return detail::channel_sums(
      call, [gy](std::ptrdiff_t i, int) { return static_cast<double>(gy[i]); },
      [&, x, gy](std::ptrdiff_t i, int c) {
        const auto at = static_cast<std::size_t>(c);
        return static_cast<double>(gy[i]) *
               static_cast<double>((x[i] - statistics.mean[at]) * statistics.inverse_deviation[at]);
      });
}

/// The gradient with respect to x, through the statistics of the batch as well. `count` values a channel.
inline void batch_norm_backward(const Call& call, const LayerParameters& p, const BatchStatistics& statistics,
                                const ChannelSums& sums, double count) {
  const int channels = call.y.shape.channels();
  const auto size = static_cast<std::size_t>(channels);
  std::vector<float> factor(size), by_x(size), constant(size);
  for (std::size_t c = 0; c < size; ++c) {
    factor[c] = p.weight[c] * statistics.inverse_deviation[c];
    by_x[c] = factor[c] * static_cast<float>(sums.second[c] / count) * statistics.inverse_deviation[c];
    constant[c] = by_x[c] * statistics.mean[c] - factor[c] * static_cast<float>(sums.first[c] / count);
  }
  const float *x = call.x[0].values, *gy = call.y.gradient;
  float* gx = call.x[0].gradient;
  const float *f = factor.data(), *b = by_x.data(), *k = constant.data();
  for (std::ptrdiff_t row = 0; row < call.size(); row += channels)
    for (int c = 0; c < channels; ++c) gx[row + c] += gy[row + c] * f[c] - x[row + c] * b[c] + k[c];
}

/// x * weight + bias: a batch norm whose statistics have become part of its weight and bias.
inline void affine_forward(const Call& call, const LayerParameters& p) {
  const int channels = call.y.shape.channels();
  for (std::ptrdiff_t row = 0; row < call.size(); row += channels)
    for (int c = 0; c < channels; ++c) call.y.values[row + c] = call.x[0].values[row + c] * p.weight[c] + p.bias[c];
}

inline void affine_backward(const Call& call, const LayerParameters& p) {
  const int channels = call.y.shape.channels();
  const float *x = call.x[0].values, *gy = call.y.gradient;
  float* gx = call.x[0].gradient;
  for (std::ptrdiff_t row = 0; row < call.size(); row += channels)
    for (int c = 0; c < channels; ++c) {
      if (gx != nullptr) gx[row + c] += gy[row + c] * p.weight[c];
      if (p.weight_gradient != nullptr) p.weight_gradient[c] += gy[row + c] * x[row + c];
      if (p.bias_gradient != nullptr) p.bias_gradient[c] += gy[row + c];
    }
}

}  // namespace quench::training
