// SPDX-License-Identifier: Apache-2.0
// Observers with a bound on the observed range: a given bound, or one from mean and standard deviation.
//
//   quench::ClipObserver<std::ratio<-6>, std::ratio<6>>      // never beyond [-6, 6]
//   quench::ClipStdObserver<>                                // never beyond mean -+ 3 standard deviations
#pragma once

#include <algorithm>
#include <cmath>
#include <ratio>
#include <span>
#include <vector>

#include <quench/host/observers/moments.hpp>
#include <quench/observers/histogram_growth.hpp>
#include <quench/observers/min_max.hpp>

namespace quench {

/// The least and the greatest value seen, both clipped to [Min, Max].
/// Errors   empty-input, value-not-finite; nothing-observed, only-zeros-observed (of the clipped range),
///          scale-underflow when asked
/// Equals   MinMaxObserver of clip(x, Min, Max)
template <class Min, class Max>
class ClipObserver {
  static_assert(std::ratio_less_v<Min, Max>, "a range ends above its beginning");
  static constexpr Range limits{static_cast<float>(static_cast<double>(Min::num) / Min::den),
                                static_cast<float>(static_cast<double>(Max::num) / Max::den)};

 public:
  void observe(const FloatInput& x) { observed_.observe(x); }
  /// Exact in any order.
  void merge(const ClipObserver& other) { observed_.merge(other.observed_); }

  float scale(DType dtype) const { return scale_from_range(range(), dtype); }
  /// Errors   nothing-observed
  Range range() const {
    const Range range = observed_.range();
    return {std::clamp(range.min, limits.min, limits.max), std::clamp(range.max, limits.min, limits.max)};
  }

  /// Continues from the range of a scale.
  void start_at(float scale, DType dtype) { observed_.start_at(scale, dtype); }
  void reset() { observed_.reset(); }

  /// {least, greatest value}, not clipped; {+inf, -inf} before the first batch.
  std::vector<double> state() const { return observed_.state(); }
  /// Errors   state-not-valid
  void load(std::span<const double> state) { observed_.load(state); }

 private:
  MinMaxObserver observed_;
};

/// The range of all values seen, clipped to mean -+ `Deviations` standard deviations (of the population) of all values.
/// Numerically stable: batches are combined by their means. Batch sizes change the rounding, so there is no merge.
/// Errors   as MinMaxObserver
/// Equals   [max(min(x), mean(x) - d * std(x)), min(max(x), mean(x) + d * std(x))]
/// Source   T. Chan, G. Golub, R. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances"
template <class Deviations = std::ratio<3>>
class ClipStdObserver {
  static_assert(std::ratio_greater_v<Deviations, std::ratio<0>>, "the number of standard deviations is positive");

 public:
  void observe(const FloatInput& x) {
    const Range batch = finite_range(x);
    const host::Moments found = host::moments(x);
    const double size = all_.size + found.size;
    const double distance = found.mean - all_.mean;
    range_ = {std::min(range_.min, batch.min), std::max(range_.max, batch.max)};
    const double mean = all_.mean + distance * (found.size / size);
    const double squares = all_.squares + found.squares + distance * distance * (all_.size * (found.size / size));
    all_ = {size, std::clamp(mean, double_of(range_.min), double_of(range_.max)), squares};
  }

  float scale(DType dtype) const { return scale_from_range(range(), dtype); }
  /// Errors   nothing-observed
  Range range() const {
    if (all_.size == 0) throw Error(diagnosis::nothing_observed, "");
    const double spread = std::sqrt(all_.squares / all_.size) * Deviations::num / Deviations::den;
    return {static_cast<float>(std::max(double_of(range_.min), all_.mean - spread)),
            static_cast<float>(std::min(double_of(range_.max), all_.mean + spread))};
  }
  double mean() const { return all_.mean; }
  void reset() { *this = {}; }

  /// {number of values, mean, sum of squared distances from it, min, max}.
  std::vector<double> state() const {
    return {all_.size, all_.mean, all_.squares, double_of(range_.min), double_of(range_.max)};
  }
  /// Errors   state-not-valid
  void load(std::span<const double> state) {
    observers::check_state_size(state, 5);
    const Range range = detail::loaded_range(state.subspan(3));
    const host::Moments all{state[0], state[1], state[2]};
    const bool is_empty = range.min > range.max;
    const bool fits = is_empty ? all.size == 0 && all.mean == 0 && all.squares == 0
                               : all.size >= 1 && all.size <= 0x1p53 && all.size == std::floor(all.size) &&
                                     all.mean >= double_of(range.min) && all.mean <= double_of(range.max) &&
                                     all.squares >= 0 && std::isfinite(all.squares);
    if (!fits) throw Error(diagnosis::state_not_valid, "count, mean and spread do not fit the range");
    range_ = range;
    all_ = all;
  }

 private:
  static double double_of(float value) { return static_cast<double>(value); }

  Range range_ = detail::empty_range;
  host::Moments all_;
};

}  // namespace quench
