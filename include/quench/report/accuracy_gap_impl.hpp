// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/accuracy_gap.hpp>

#include <cmath>
#include <cstddef>

#include <quench/tensors/error.hpp>
#include <quench/tensors/scale.hpp>

namespace quench {

namespace detail {

/// The divergence of two shares: 0 if they are equal, infinite if `other` excludes what `share` has seen.
inline double divergence(double share, double other) {
  const auto term = [](double a, double b) { return a > 0 ? a * std::log(a / b) : 0; };
  return term(share, other) + term(1 - share, 1 - other);
}

/// The largest true share that explains the measured one.
inline double highest_share(double share, std::size_t samples) {
  const double allowed = std::log(4 / (1 - AccuracyGap::confidence));
  double below = share, above = 1;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (below + above) / 2;
    (static_cast<double>(samples) * divergence(share, middle) <= allowed ? below : above) = middle;
  }
  return above;
}

inline double lowest_share(double share, std::size_t samples) { return 1 - highest_share(1 - share, samples); }

}  // namespace detail

QUENCH_INLINE AccuracyGap accuracy_gap(const TrainingMetric& training, const TrainingMetric& validation) {
  for (const double accuracy : {training.accuracy, validation.accuracy})
    if (!(accuracy >= 0 && accuracy <= 1))
      throw Error(diagnosis::value_out_of_range, "an accuracy is " + tensors::text(accuracy) + ", needed from 0 to 1");
  return {training.accuracy - validation.accuracy,
          detail::lowest_share(training.accuracy, training.samples) -
              detail::highest_share(validation.accuracy, validation.samples),
          detail::highest_share(training.accuracy, training.samples) -
              detail::lowest_share(validation.accuracy, validation.samples)};
}

}  // namespace quench
