// SPDX-License-Identifier: Apache-2.0
// Magnitudes counted in bins, for PercentileObserver, KLObserver, MSEObserver and MixObserver.
//
// 4096 equal bins cover [0, 2^k) with the least k that fits the largest magnitude. Bins below 2^(k-4) are too coarse if
// one outlier is far larger than all other values. So that part is counted a second time, in 256 bins for each power of
// two down to 2^-24. Every magnitude that a scale can serve is known within 1/256 of itself, whatever the outlier. When
// a larger magnitude comes, k grows and adjacent bins are added. Edges are dyadic, so the counts do not depend on
// batches or their order, and merging is exact. Zeros have a separate count, because most of a ReLU's output is zero
// and every scale represents it. The exact largest magnitude is kept.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/host/observers/histogram.hpp>
#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>
#include <quench/tensors/float_tensor.hpp>

namespace quench {

/// Counts of magnitudes in bins, for PercentileObserver, KLObserver, MSEObserver and MixObserver.
class MagnitudeHistogram {
 public:
  static constexpr std::size_t bins = host::MagnitudeBins::bins;
  /// The top is at least 2^-24: no dtype has a scale for smaller magnitudes.
  static constexpr int least_exponent = -24;

  /// The number of equal bins that are counted a second time, in finer bins.
  static constexpr std::size_t coarse_bins = 256;

  MagnitudeHistogram() : counts_(bins + 1), small_(1) {}
  // Copied but never moved from, so a histogram always has its bins.
  MagnitudeHistogram(const MagnitudeHistogram&) = default;
  MagnitudeHistogram& operator=(const MagnitudeHistogram&) = default;
  ~MagnitudeHistogram() = default;

  /// Errors   empty-input; value-not-finite
  void add(std::span<const float> x);
  /// Equals   adding the values that the other has seen
  void merge(const MagnitudeHistogram& other);

  std::uint64_t size() const { return size_; }
  /// The number of zeros, which are in no bin.
  std::uint64_t zeros() const { return counts_[bins]; }
  float maximum() const { return maximum_; }
  std::span<const std::uint64_t> counts() const& { return std::span(counts_).first(bins); }
  std::span<const std::uint64_t> counts() const&& = delete;
  /// Bin b covers [b, b + 1) * width.
  double bin_width() const { return std::ldexp(1.0, exponent() - 12); }
  /// The number of bins up to that of the largest magnitude.
  std::size_t used_bins() const { return static_cast<std::size_t>(static_cast<double>(maximum_) / bin_width()) + 1; }
  /// The bins end at 2^exponent.
  int exponent() const { return exponent_of(maximum_); }

  /// The counts of the finer bins that cover the first `coarse_bins`: those of host::LogBins from 2^-24 on.
  std::span<const std::uint64_t> small_counts() const& { return std::span(small_).subspan(1); }
  std::span<const std::uint64_t> small_counts() const&& = delete;
  static constexpr std::int32_t first_small_bin = host::LogBins::number_of(least_exponent);

  /// Calls f(begin, end, count) for the finest bins of magnitudes above 0, in ascending order, until it returns true.
  template <class F>
  void find_bin(F f) const {
    const double width = bin_width();
    if (small_[0] > 0 && f(0.0, std::ldexp(1.0, std::min(least_exponent, exponent() - 4)), small_[0])) return;
    for (std::size_t i = 1; i < small_.size(); ++i)
      if (small_[i] > 0 && f(small_edge(i), small_edge(i + 1), small_[i])) return;
    for (std::size_t bin = coarse_bins; bin < bins; ++bin)
      if (counts_[bin] > 0 && f(static_cast<double>(bin) * width, static_cast<double>(bin + 1) * width, counts_[bin]))
        return;
  }

  /// Equal bins on [0, 2^top), the finest with exact counts: 4096 for the largest magnitudes, down to 512.
  struct EqualBins {
    std::vector<std::uint64_t> counts;
    double width = 0;
    std::uint64_t beyond = 0;  // magnitudes of 2^top and more
  };
  EqualBins equal_bins(int top) const;

  /// {largest magnitude, zeros, counts of the equal bins}, then {begin, count} of each finer bin with values.
  std::vector<double> state() const;
  /// Errors   state-not-valid
  void load(std::span<const double> state);

 private:
  static int exponent_of(float magnitude);
  // The lower edge of a finer bin.
  static double small_edge(std::size_t i) {
    return static_cast<double>(host::LogBins::edge(first_small_bin + static_cast<std::int32_t>(i) - 1));
  }
  // How many powers of two are counted a second time if the bins end at 2^exponent.
  static std::size_t small_octaves(int exponent);
  static std::size_t small_size(int exponent) { return 1 + host::LogBins::per_octave * small_octaves(exponent); }

  std::uint64_t coarse() const;

  // Counts the values below 2^(exponent - 4) in the finer bins. There are `left` of them.
  void add_small(std::span<const float> x, std::uint64_t left);

  void grow(float magnitude);

  static std::uint64_t loaded_count(double number, std::uint64_t& sum);

  // Loads {begin, count} of finer bins. The equal bins are already loaded: each must have as many values as its finer
  // bins. There are no finer bins below 2^-24, so the equal bins that reach there are checked together.
  void load_small(std::span<const double> pairs);

  float maximum_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> counts_;  // the last one: zeros
  std::vector<std::uint64_t> small_;   // the first one: magnitudes below 2^-24
};

/// An observer that covers the magnitude `Rule::magnitude(histogram, dtype)` of a MagnitudeHistogram.
template <class Rule>
class MagnitudeObserver {
 public:
  /// Errors   empty-input; value-not-finite
  void observe(const FloatInput& x) { histogram_.add(x); }
  /// Exact in any order.
  void merge(const MagnitudeObserver& other) { histogram_.merge(other.histogram_); }

  /// Errors   nothing-observed, only-zeros-observed, scale-underflow
  float scale(DType dtype) const { return scale_from_magnitude(magnitude(dtype), dtype); }
  /// The magnitude that the codes should cover; 0 if only zeros have been seen.
  /// Errors   nothing-observed
  float magnitude(DType dtype) const {
    if (histogram_.size() == 0) throw Error(diagnosis::nothing_observed, "");
    return histogram_.maximum() == 0 ? 0 : Rule::magnitude(histogram_, dtype);
  }
  const MagnitudeHistogram& histogram() const& { return histogram_; }
  const MagnitudeHistogram& histogram() const&& = delete;
  void reset() { histogram_ = {}; }

  std::vector<double> state() const { return histogram_.state(); }
  /// Errors   state-not-valid
  void load(std::span<const double> state) { histogram_.load(state); }

 private:
  MagnitudeHistogram histogram_;
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/observers/magnitude_histogram_impl.hpp>
#endif
