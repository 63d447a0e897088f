// SPDX-License-Identifier: Apache-2.0
// Observers that try several magnitudes and use the one with the least squared quantization error.
//
// The error is that of the whole tensor, computed on the bins of a MagnitudeHistogram with the codes of the dtype. A
// larger range costs rounding for all values, a smaller one saturation for the largest. Both signs saturate at the
// largest positive code. The largest magnitude with the least error wins.
#pragma once

#include <quench/ground/compiled.hpp>
#include <quench/observers/magnitude_histogram.hpp>

namespace quench {

/// The sum of squared errors of the values of a histogram, at the scale that covers a magnitude.
/// Equals   sum of (v - clamp(round(v / s), 0, qmax) * s)^2 with s = raw_scale(magnitude, dtype); values are uniform in
///          their bins; magnitudes below 2^-24 have no error
double squared_error(const MagnitudeHistogram& histogram, float magnitude, DType dtype);

namespace detail {

struct MSERule {
  static constexpr int candidates = 95;

  static float magnitude(const MagnitudeHistogram& histogram, DType dtype);
};

struct MixRule {
  struct Candidate {
    const char* name;
    float magnitude;
  };

  static Candidate choose(const MagnitudeHistogram& histogram, DType dtype);
  static float magnitude(const MagnitudeHistogram& histogram, DType dtype);
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
  const char* choice(DType dtype) const;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/observers/least_error_impl.hpp>
#endif
