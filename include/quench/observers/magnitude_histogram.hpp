// SPDX-License-Identifier: Apache-2.0
// Magnitudes counted in 4096 bins: what PercentileObserver, KLObserver, MSEObserver and MixObserver keep.
//
// The bins cover [0, 2^k) with the least k that fits the largest magnitude. When a larger one comes, k grows and
// adjacent bins are added; since edges are dyadic, the counts are those of all values counted at once, whatever the
// batches and their order. So merging is exact. Zeros have a count of their own, because most of a ReLU's output is
// zero and no scale is wrong for it; the largest magnitude is kept as it is.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/host/observers/histogram.hpp>
#include <quench/observers/observer.hpp>

namespace quench {

/// Counts of magnitudes; signs are forgotten.
class MagnitudeHistogram {
 public:
  static constexpr std::size_t bins = host::MagnitudeBins::bins;
  /// The top is never below 2^-24: no dtype has a scale for magnitudes that small.
  static constexpr int least_exponent = -24;

  MagnitudeHistogram() : counts_(bins + 1) {}
  // Copied, never moved from: a histogram always has its bins.
  MagnitudeHistogram(const MagnitudeHistogram&) = default;
  MagnitudeHistogram& operator=(const MagnitudeHistogram&) = default;
  ~MagnitudeHistogram() = default;

  /// Errors   empty-input; value-not-finite
  void add(std::span<const float> x) {
    const Range range = finite_range(x);
    grow(range.magnitude());
    host::count_into_bins(host::MagnitudeBins::up_to_power(exponent()), x, counts_);
    size_ += x.size();
  }
  /// Equals   adding the values that the other has seen
  void merge(const MagnitudeHistogram& other) {
    MagnitudeHistogram grown = other;
    grow(other.maximum_);
    grown.grow(maximum_);
    for (std::size_t bin = 0; bin <= bins; ++bin) counts_[bin] += grown.counts_[bin];
    size_ += grown.size_;
  }

  /// Values seen.
  std::uint64_t size() const { return size_; }
  /// Of them zeros, which are in no bin.
  std::uint64_t zeros() const { return counts_[bins]; }
  /// The largest magnitude.
  float maximum() const { return maximum_; }
  std::span<const std::uint64_t> counts() const { return std::span(counts_).first(bins); }
  /// Bin b covers [b, b + 1) * width.
  double bin_width() const { return std::ldexp(1.0, exponent() - 12); }
  /// The bins up to that of the largest magnitude.
  std::size_t used_bins() const { return static_cast<std::size_t>(static_cast<double>(maximum_) / bin_width()) + 1; }

  /// {largest magnitude, zeros, counts of the bins}.
  std::vector<double> state() const {
    std::vector<double> state{static_cast<double>(maximum_), static_cast<double>(zeros())};
    for (const std::uint64_t count : counts()) state.push_back(static_cast<double>(count));
    return state;
  }
  /// Errors   state-not-valid
  void load(std::span<const double> state) {
    detail::check_state_size(state, bins + 2);
    MagnitudeHistogram loaded;
    loaded.maximum_ = detail::loaded_float(state[0]);
    if (!(loaded.maximum_ >= 0 && std::isfinite(loaded.maximum_)))
      throw Error(diagnosis::state_not_valid, detail::text(state[0]) + " is no magnitude");
    loaded.counts_[bins] = loaded.loaded_count(state[1]);
    for (std::size_t bin = 0; bin < bins; ++bin) loaded.counts_[bin] = loaded.loaded_count(state[bin + 2]);
    const bool has_maximum = loaded.maximum_ == 0 || loaded.counts_[loaded.used_bins() - 1] > 0;
    const std::size_t within = loaded.maximum_ == 0 ? 0 : loaded.used_bins();
    if (!has_maximum || std::any_of(loaded.counts_.begin() + static_cast<std::ptrdiff_t>(within),
                                    loaded.counts_.end() - 1, [](std::uint64_t count) { return count > 0; }))
      throw Error(diagnosis::state_not_valid, "the counts do not fit the largest magnitude");
    *this = std::move(loaded);
  }

 private:
  static int exponent_of(float magnitude) {
    int exponent = least_exponent;
    if (magnitude > 0) std::frexp(magnitude, &exponent);
    return std::max(exponent, least_exponent);
  }
  int exponent() const { return exponent_of(maximum_); }

  void grow(float magnitude) {
    constexpr int doublings_to_one_bin = 12;
    const int doublings = std::min(exponent_of(magnitude) - exponent(), doublings_to_one_bin);
    for (int i = 0; i < doublings; ++i) {
      for (std::size_t bin = 0; bin < bins / 2; ++bin) counts_[bin] = counts_[2 * bin] + counts_[2 * bin + 1];
      std::fill(counts_.begin() + bins / 2, counts_.end() - 1, std::uint64_t{0});
    }
    maximum_ = std::max(maximum_, magnitude);
  }

  std::uint64_t loaded_count(double number) {
    if (!(number >= 0 && number == std::floor(number) && static_cast<double>(size_) + number <= 0x1p53))
      throw Error(diagnosis::state_not_valid, detail::text(number) + " is no count");
    const auto count = static_cast<std::uint64_t>(number);
    size_ += count;
    return count;
  }

  float maximum_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> counts_;  // the last one: zeros
};

/// An observer whose scale covers a magnitude that `Rule::magnitude(histogram, dtype)` reads from a MagnitudeHistogram.
template <class Rule>
class MagnitudeObserver {
 public:
  /// Errors   empty-input; value-not-finite
  void observe(const FloatInput& x) { histogram_.add(x); }
  /// Exact, whatever the order.
  void merge(const MagnitudeObserver& other) { histogram_.merge(other.histogram_); }

  /// The scale at which the codes of a dtype cover `magnitude(dtype)`.
  /// Errors   nothing-observed, only-zeros-observed, scale-underflow
  float scale(DType dtype) const { return scale_from_magnitude(magnitude(dtype), dtype); }
  /// The magnitude that the codes should cover; 0 if only zeros have been seen.
  /// Errors   nothing-observed
  float magnitude(DType dtype) const {
    if (histogram_.size() == 0) throw Error(diagnosis::nothing_observed, "");
    return histogram_.maximum() == 0 ? 0 : Rule::magnitude(histogram_, dtype);
  }
  const MagnitudeHistogram& histogram() const { return histogram_; }
  /// As at construction: nothing observed.
  void reset() { histogram_ = {}; }

  /// The state of the histogram.
  std::vector<double> state() const { return histogram_.state(); }
  /// Errors   state-not-valid
  void load(std::span<const double> state) { histogram_.load(state); }

 private:
  MagnitudeHistogram histogram_;
};

}  // namespace quench
