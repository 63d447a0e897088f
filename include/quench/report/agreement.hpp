// SPDX-License-Identifier: Apache-2.0
// How well quantized values agree with float values: signal-to-quantization-noise ratio and cosine similarity.
//
//   quench::Agreement agreement;
//   agreement.add(float_values, quantized_values);      // any number of times
//   agreement.sqnr();                                    // dB; 6 dB more is one bit more
#pragma once

#include <cmath>
#include <span>

#include <quench/ground/compiled.hpp>

namespace quench {

/// Sums over pairs of a true value x and its approximation y.
class Agreement {
 public:
  /// Errors   value-not-finite, shape-mismatch; nothing is added then
  void add(std::span<const float> x, std::span<const float> y);

  /// Signal-to-quantization-noise ratio. Infinite if all values are equal; minus infinity if x is zero and y is not.
  /// Units    dB
  /// Equals   10 log10(sum of x^2 / sum of (x - y)^2)
  double sqnr() const;

  /// The cosine of the angle between x and y as vectors; 1 if both are zero, 0 if one is.
  double cosine() const;

  /// The norm of the difference relative to that of x.
  /// Equals   sqrt(sum of (x - y)^2 / sum of x^2); 0 if there is no difference
  double relative_error() const { return noise_ == 0 ? 0 : std::sqrt(noise_ / signal_); }

 private:
  double signal_ = 0, noise_ = 0, other_ = 0, product_ = 0;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/report/agreement_impl.hpp>
#endif
