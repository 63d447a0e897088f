// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/training/batch_norm.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <quench/host/float/channels.hpp>
#include <quench/tensors/error.hpp>
#include <quench/tensors/scale.hpp>

namespace quench::training {

QUENCH_INLINE ChannelSums::ChannelSums(int channels)
    : first(static_cast<std::size_t>(channels)), second(static_cast<std::size_t>(channels)) {}

QUENCH_INLINE void ChannelSums::add(const ChannelSums& other) {
  for (std::size_t c = 0; c < first.size(); ++c) {
    first[c] += other.first[c];
    second[c] += other.second[c];
  }
}

namespace detail {

/// How many values each channel of a call has.
inline std::size_t pixels_of(const Call& call) {
  return static_cast<std::size_t>(call.size() / call.y.shape.channels());
}

inline std::size_t channels_of(const Call& call) { return static_cast<std::size_t>(call.y.shape.channels()); }

}  // namespace detail

QUENCH_INLINE BatchStatistics::BatchStatistics(const std::vector<float>& running_mean,
                                               const std::vector<float>& running_variance, float epsilon)
    : mean(running_mean) {
  for (const float running : running_variance) add_inverse(static_cast<double>(running), epsilon);
}

QUENCH_INLINE BatchStatistics::BatchStatistics(const ChannelSums& sums, double count, float epsilon) {
  for (std::size_t c = 0; c < sums.first.size(); ++c) {
    const double average = sums.first[c] / count;
    mean.push_back(static_cast<float>(average));
    variance.push_back(std::max(sums.second[c] / count - average * average, 0.0));
    check_finite("mean", average, c);
    check_finite("variance", variance.back() * count / std::max(count - 1, 1.0), c);
    add_inverse(variance.back(), epsilon);
  }
}

QUENCH_INLINE void BatchStatistics::check_finite(const char* what, double value, std::size_t channel) {
  if (!std::isfinite(static_cast<float>(value)))
    throw Error(diagnosis::value_not_finite, std::string("the ") + what + " of channel " + std::to_string(channel) +
                                                 " is " + tensors::text(value) + ", which no float holds");
}

QUENCH_INLINE void BatchStatistics::add_inverse(double squares, float epsilon) {
  detail::check_deviation(squares, epsilon, inverse_deviation.size());
  inverse_deviation.push_back(static_cast<float>(1 / std::sqrt(squares + static_cast<double>(epsilon))));
}

QUENCH_INLINE ChannelSums batch_norm_sums(const Call& call) {
  ChannelSums sums(call.y.shape.channels());
  host::float_channel_squares(call.x[0].values, detail::pixels_of(call), detail::channels_of(call), sums.first.data(),
                              sums.second.data());
  return sums;
}

QUENCH_INLINE void batch_norm_forward(const Call& call, const LayerParameters& p, const BatchStatistics& statistics) {
  const int channels = call.y.shape.channels();
  std::vector<float> factor(static_cast<std::size_t>(channels)), offset(static_cast<std::size_t>(channels));
  for (int c = 0; c < channels; ++c) {
    const auto at = static_cast<std::size_t>(c);
    factor[at] = p.weight[c] * statistics.inverse_deviation[at];
    offset[at] = p.bias[c] - statistics.mean[at] * factor[at];
  }
  host::float_scale_channels(call.x[0].values, call.y.values, detail::pixels_of(call), detail::channels_of(call),
                             factor.data(), offset.data());
}

QUENCH_INLINE ChannelSums batch_norm_gradient_sums(const Call& call, const BatchStatistics& statistics) {
  ChannelSums sums(call.y.shape.channels());
  host::float_channel_products(call.x[0].values, call.y.gradient, detail::pixels_of(call), detail::channels_of(call),
                               statistics.mean.data(), statistics.inverse_deviation.data(), sums.first.data(),
                               sums.second.data());
  return sums;
}

QUENCH_INLINE void batch_norm_backward(const Call& call, const LayerParameters& p, const BatchStatistics& statistics,
                                       const ChannelSums& sums, double count) {
  const int channels = call.y.shape.channels();
  const auto size = static_cast<std::size_t>(channels);
  std::vector<float> factor(size), by_x(size), constant(size);
  for (std::size_t c = 0; c < size; ++c) {
    factor[c] = p.weight[c] * statistics.inverse_deviation[c];
    by_x[c] = factor[c] * static_cast<float>(sums.second[c] / count) * statistics.inverse_deviation[c];
    constant[c] = by_x[c] * statistics.mean[c] - factor[c] * static_cast<float>(sums.first[c] / count);
  }
  host::float_combine_channels(call.x[0].values, call.y.gradient, call.x[0].gradient, detail::pixels_of(call), size,
                               factor.data(), by_x.data(), constant.data());
}

QUENCH_INLINE void affine_forward(const Call& call, const LayerParameters& p) {
  host::float_scale_channels(call.x[0].values, call.y.values, detail::pixels_of(call), detail::channels_of(call),
                             p.weight, p.bias);
}

QUENCH_INLINE void affine_backward(const Call& call, const LayerParameters& p) {
  const int channels = call.y.shape.channels();
  const float* gy = call.y.gradient;
  if (float* gx = call.x[0].gradient)
    for (std::ptrdiff_t row = 0; row < call.size(); row += channels)
      for (int c = 0; c < channels; ++c) gx[row + c] += gy[row + c] * p.weight[c];
  if (p.weight_gradient == nullptr && p.bias_gradient == nullptr) return;
  const auto size = detail::channels_of(call);
  const std::vector<float> zeros(size), ones(size, 1.0f);
  ChannelSums sums(channels);  // Σ gy and Σ gy * x
  host::float_channel_products(call.x[0].values, gy, detail::pixels_of(call), size, zeros.data(), ones.data(),
                               sums.first.data(), sums.second.data());
  for (std::size_t c = 0; c < size; ++c) {
    if (p.weight_gradient != nullptr) p.weight_gradient[c] += static_cast<float>(sums.second[c]);
    if (p.bias_gradient != nullptr) p.bias_gradient[c] += static_cast<float>(sums.first[c]);
  }
}

}  // namespace quench::training
