// SPDX-License-Identifier: Apache-2.0
// Batch normalization of the last axis in float: with the statistics of the batch in training, else with the running
// ones. Sums are taken for each part of the batch and added in a fixed order, so the number of workers changes no bit.
#pragma once

#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/training/parameters.hpp>

namespace quench::training {

struct ChannelSums {
  std::vector<double> first, second;

  explicit ChannelSums(int channels = 0);
  void add(const ChannelSums& other);
};

/// The statistics of a batch for a batch norm.
/// Errors   value-out-of-range if the variance of a channel and epsilon are 0; value-not-finite if a mean or a variance
///          is no finite float: the batch overflows, and running statistics would never recover
struct BatchStatistics {
  std::vector<float> mean, inverse_deviation;

  BatchStatistics(const std::vector<float>& running_mean, const std::vector<float>& running_variance, float epsilon);
  /// From Σ x and Σ x² of `count` values of each channel.
  BatchStatistics(const ChannelSums& sums, double count, float epsilon);
  BatchStatistics() = default;

  std::vector<double> variance;  // of the batch, divided by count

 private:
  static void check_finite(const char* what, double value, std::size_t channel);
  void add_inverse(double squares, float epsilon);
};

/// Σ x and Σ x² of some samples.
ChannelSums batch_norm_sums(const Call& call);

/// (x - mean) / deviation * weight + bias.
void batch_norm_forward(const Call& call, const LayerParameters& p, const BatchStatistics& statistics);

/// Σ gy and Σ gy * normalized x of some samples.
ChannelSums batch_norm_gradient_sums(const Call& call, const BatchStatistics& statistics);

/// The gradient with respect to x, including the part through the batch statistics. `count` values a channel.
void batch_norm_backward(const Call& call, const LayerParameters& p, const BatchStatistics& statistics,
                         const ChannelSums& sums, double count);

/// x * weight + bias: a ChannelAffine, or a batch norm with its statistics folded in.
void affine_forward(const Call& call, const LayerParameters& p);

void affine_backward(const Call& call, const LayerParameters& p);

}  // namespace quench::training

#if QUENCH_HEADER_ONLY
#include <quench/training/batch_norm_impl.hpp>
#endif
