// SPDX-License-Identifier: Apache-2.0
// How well quantized values agree with float values: signal-to-quantization-noise ratio and cosine similarity.
//
//   quench::Agreement agreement;
//   agreement.add(float_values, quantized_values);      // any number of times
//   agreement.sqnr();                                    // dB; 6 dB more is one bit more
#pragma once

#include <cmath>
#include <limits>
#include <span>

#include <quench/observers/observer.hpp>

namespace quench {

/// Sums over pairs of a true value x and its approximation y.
class Agreement {
 public:
  /// Errors   value-not-finite, shape-mismatch; nothing is added then
  void add(std::span<const float> x, std::span<const float> y) {
    if (x.size() != y.size())
      throw Error(diagnosis::shape_mismatch,
                  "needed " + std::to_string(x.size()) + " values, given " + std::to_string(y.size()));
    if (x.empty()) return;
    finite_range(x);
    finite_range(y);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double a = static_cast<double>(x[i]), b = static_cast<double>(y[i]);
      signal_ += a * a;
      noise_ += (a - b) * (a - b);
      other_ += b * b;
      product_ += a * b;
    }
  }

  /// Signal-to-quantization-noise ratio. Infinite if all values are equal; minus infinity if x is zero and y is not.
  /// Units    dB
  /// Equals   10 log10(sum of x^2 / sum of (x - y)^2)
  double sqnr() const {
    if (noise_ == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(signal_ / noise_);
  }

  /// The cosine of the angle between x and y as vectors; 1 if both are zero, 0 if one is.
  double cosine() const {
    if (signal_ == 0 || other_ == 0) return signal_ == other_ ? 1 : 0;
    return product_ / (std::sqrt(signal_) * std::sqrt(other_));
  }

  /// The norm of the difference relative to that of x.
  /// Equals   sqrt(sum of (x - y)^2 / sum of x^2); 0 if there is no difference
  double relative_error() const { return noise_ == 0 ? 0 : std::sqrt(noise_ / signal_); }

 private:
  double signal_ = 0, noise_ = 0, other_ = 0, product_ = 0;
};

}  // namespace quench
