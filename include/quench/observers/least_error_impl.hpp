// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/least_error.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <ratio>

#include <quench/host/observers/magnitude_error.hpp>
#include <quench/observers/percentile.hpp>

namespace quench {

QUENCH_INLINE double squared_error(const MagnitudeHistogram& histogram, float magnitude, DType dtype) {
  const double steps = (code_range(dtype).qmax - static_cast<double>(code_range(dtype).qmin)) / 2;
  const double scale = static_cast<double>(magnitude) / steps, largest_code = code_range(dtype).qmax;
  const std::size_t bins = std::min((histogram.used_bins() + 15) / 16 * 16, MagnitudeHistogram::bins);
  const double of_small =
      host::log_magnitude_error(histogram.small_counts(), MagnitudeHistogram::first_small_bin, scale, largest_code);
  const double of_large = host::magnitude_error(histogram.counts().first(bins), MagnitudeHistogram::coarse_bins,
                                                histogram.bin_width(), scale, largest_code);
  return of_small + of_large;
}

namespace detail {

QUENCH_INLINE float MSERule::magnitude(const MagnitudeHistogram& histogram, DType dtype) {
  double least = std::numeric_limits<double>::infinity();
  float best = histogram.maximum();
  for (int i = 0; i < candidates; ++i) {
    const auto magnitude = static_cast<float>(static_cast<double>(histogram.maximum()) * (100 - i) / 100);
    const double error = squared_error(histogram, magnitude, dtype);
    if (error < least) {
      least = error;
      best = magnitude;
    }
  }
  return best;
}

QUENCH_INLINE MixRule::Candidate MixRule::choose(const MagnitudeHistogram& histogram, DType dtype) {
  const std::array candidates{
      Candidate{"maximum", histogram.maximum()},
      Candidate{"percentile 99.9999", PercentileRule<std::ratio<999999, 1000000>>::magnitude(histogram)},
      Candidate{"percentile 99.999", PercentileRule<std::ratio<99999, 100000>>::magnitude(histogram)},
      Candidate{"percentile 99.99", PercentileRule<std::ratio<9999, 10000>>::magnitude(histogram)},
      Candidate{"percentile 99.9", PercentileRule<std::ratio<999, 1000>>::magnitude(histogram)}};
  double least = std::numeric_limits<double>::infinity();
  Candidate best = candidates.front();
  for (const Candidate& candidate : candidates) {
    const double error = squared_error(histogram, candidate.magnitude, dtype);
    if (error < least) {
      least = error;
      best = candidate;
    }
  }
  return best;
}

QUENCH_INLINE float MixRule::magnitude(const MagnitudeHistogram& histogram, DType dtype) {
  return choose(histogram, dtype).magnitude;
}

}  // namespace detail

QUENCH_INLINE const char* MixObserver::choice(DType dtype) const {
  return magnitude(dtype) == 0 ? "maximum" : detail::MixRule::choose(histogram(), dtype).name;
}

}  // namespace quench
