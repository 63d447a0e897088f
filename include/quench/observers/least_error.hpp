// SPDX-License-Identifier: Apache-2.0
// Observers that try several magnitudes and use the one with the least squared quantization error.
//
// The error is that of the whole tensor, computed on the bins of a MagnitudeHistogram with the codes of the dtype. A
// larger range costs rounding for all values, a smaller one saturation for the largest. Both signs saturate at the
// largest positive code. The largest magnitude with the least error wins.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <ratio>

#include <quench/host/observers/magnitude_error.hpp>
#include <quench/observers/magnitude_histogram.hpp>
#include <quench/observers/percentile.hpp>

namespace quench {

/// The sum of squared errors of the values of a histogram, at the scale that covers a magnitude.
/// Equals   sum of (v - clamp(round(v / s), 0, qmax) * s)^2 with s = raw_scale(magnitude, dtype); values are uniform in
///          their bins; magnitudes below 2^-24 have no error
inline double squared_error(const MagnitudeHistogram& histogram, float magnitude, DType dtype) {
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

struct MSERule {
  static constexpr int candidates = 95;

  static float magnitude(const MagnitudeHistogram& histogram, DType dtype) {
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
};

struct MixRule {
  struct Candidate {
    const char* name;
    float magnitude;
  };

  static Candidate choose(const MagnitudeHistogram& histogram, DType dtype) {
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
  static float magnitude(const MagnitudeHistogram& histogram, DType dtype) {
    return choose(histogram, dtype).magnitude;
  }
};

}  // namespace detail

/// The best of 95 parts of the largest magnitude: 100 %, 99 %, ... 6 %.
/// Errors   empty-input, value-not-finite; nothing-observed, only-zeros-observed, scale-underflow when asked
/// Equals   the candidate of least `squared_error`
struct MSEObserver : MagnitudeObserver<detail::MSERule> {};

/// The best of the largest magnitude and the percentiles 99.9999, 99.999, 99.99 and 99.9 (those of PercentileObserver).
/// Errors   as MSEObserver
/// Equals   the candidate of least `squared_error`
struct MixObserver : MagnitudeObserver<detail::MixRule> {
  /// The source of the scale of a dtype: "maximum" or "percentile 99.99".
  /// Errors   nothing-observed
  const char* choice(DType dtype) const {
    return magnitude(dtype) == 0 ? "maximum" : detail::MixRule::choose(histogram(), dtype).name;
  }
};

}  // namespace quench
