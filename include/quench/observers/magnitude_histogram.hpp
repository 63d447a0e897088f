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
#include <numeric>
#include <span>
#include <vector>

#include <quench/host/observers/histogram.hpp>
#include <quench/observers/observer.hpp>

namespace quench {

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
  void add(std::span<const float> x) {
    const Range range = finite_range(x);
    grow(range.magnitude());
    const std::uint64_t before = coarse();
    host::count_into_bins(host::MagnitudeBins::up_to_power(exponent()), x, counts_);
    add_small(x, coarse() - before);
    size_ += x.size();
  }
  /// Equals   adding the values that the other has seen
  void merge(const MagnitudeHistogram& other) {
    MagnitudeHistogram grown = other;
    grow(other.maximum_);
    grown.grow(maximum_);
    for (std::size_t bin = 0; bin <= bins; ++bin) counts_[bin] += grown.counts_[bin];
    for (std::size_t bin = 0; bin < small_.size(); ++bin) small_[bin] += grown.small_[bin];
    size_ += grown.size_;
  }

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
  EqualBins equal_bins(int top) const {
    const int halvings = exponent() - top;
    EqualBins equal;
    if (halvings <= 3) {
      equal.counts.assign(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(bins >> halvings));
      equal.width = bin_width();
    } else {
      equal.counts.resize(2 * host::LogBins::per_octave);
      equal.width = std::ldexp(1.0, top - 9);
      equal.counts[0] = small_[0];
      for (std::size_t i = 1; i < small_.size() && small_edge(i) < std::ldexp(1.0, top); ++i)
        equal.counts[static_cast<std::size_t>(small_edge(i) / equal.width)] += small_[i];
    }
    equal.beyond = size_ - zeros() - std::accumulate(equal.counts.begin(), equal.counts.end(), std::uint64_t{0});
    return equal;
  }

  /// {largest magnitude, zeros, counts of the equal bins}, then {begin, count} of each finer bin with values.
  std::vector<double> state() const {
    std::vector<double> state{static_cast<double>(maximum_), static_cast<double>(zeros())};
    for (const std::uint64_t count : counts()) state.push_back(static_cast<double>(count));
    for (std::size_t i = 0; i < small_.size(); ++i)
      if (small_[i] > 0) state.insert(state.end(), {i == 0 ? 0.0 : small_edge(i), static_cast<double>(small_[i])});
    return state;
  }
  /// Errors   state-not-valid
  void load(std::span<const double> state) {
    if (state.size() % 2 != 0 || state.size() < bins + 2) observers::check_state_size(state, bins + 2);
    MagnitudeHistogram loaded;
    loaded.maximum_ = observers::loaded_float(state[0]);
    if (!(loaded.maximum_ >= 0 && std::isfinite(loaded.maximum_)))
      throw Error(diagnosis::state_not_valid, tensors::text(state[0]) + " is no magnitude");
    loaded.counts_[bins] = loaded_count(state[1], loaded.size_);
    for (std::size_t bin = 0; bin < bins; ++bin) loaded.counts_[bin] = loaded_count(state[bin + 2], loaded.size_);
    const bool has_maximum = loaded.maximum_ == 0 || loaded.counts_[loaded.used_bins() - 1] > 0;
    const std::size_t within = loaded.maximum_ == 0 ? 0 : loaded.used_bins();
    if (!has_maximum || std::any_of(loaded.counts_.begin() + static_cast<std::ptrdiff_t>(within),
                                    loaded.counts_.end() - 1, [](std::uint64_t count) { return count > 0; }))
      throw Error(diagnosis::state_not_valid, "the counts do not fit the largest magnitude");
    loaded.load_small(state.subspan(bins + 2));
    *this = std::move(loaded);
  }

 private:
  static int exponent_of(float magnitude) {
    int exponent = least_exponent;
    if (magnitude > 0) std::frexp(magnitude, &exponent);
    return std::max(exponent, least_exponent);
  }
  // The lower edge of a finer bin.
  static double small_edge(std::size_t i) {
    return static_cast<double>(host::LogBins::edge(first_small_bin + static_cast<std::int32_t>(i) - 1));
  }
  // How many powers of two are counted a second time if the bins end at 2^exponent.
  static std::size_t small_octaves(int exponent) {
    return static_cast<std::size_t>(std::max(exponent - 4 - least_exponent, 0));
  }
  static std::size_t small_size(int exponent) { return 1 + host::LogBins::per_octave * small_octaves(exponent); }

  std::uint64_t coarse() const {
    const std::span<const std::uint64_t> first = std::span(counts_).first(coarse_bins);
    return std::accumulate(first.begin(), first.end(), std::uint64_t{0});
  }

  // Counts the values below 2^(exponent - 4) in the finer bins. There are `left` of them.
  void add_small(std::span<const float> x, std::uint64_t left) {
    std::size_t end = small_octaves(exponent());
    while (end > 0 && left > 0) {
      const std::size_t begin = end - std::min<std::size_t>(end, host::LogBins::octaves);
      std::vector<std::uint64_t> found(host::LogBins::bins + 1);
      host::count_into_bins(host::LogBins::from_power(least_exponent + static_cast<int>(begin)), x, found);
      for (std::size_t i = 0; i < (end - begin) * host::LogBins::per_octave; ++i) {
        small_[1 + begin * host::LogBins::per_octave + i] += found[i];
        left -= found[i];
      }
      end = begin;
    }
    small_[0] += left;
  }

  void grow(float magnitude) {
    constexpr int doublings_to_one_bin = 12;
    const int grown = exponent_of(magnitude);
    const int doublings = std::min(grown - exponent(), doublings_to_one_bin);
    for (int i = 0; i < doublings; ++i) {
      // The bins that become coarse are as wide as the finer ones, and become the next 256 of them.
      const std::span<const std::uint64_t> next = std::span(counts_).subspan(coarse_bins, coarse_bins);
      if (small_octaves(exponent() + i + 1) == 0)
        small_[0] += std::accumulate(next.begin(), next.end(), std::uint64_t{0});
      else
        small_.insert(small_.end(), next.begin(), next.end());
      for (std::size_t bin = 0; bin < bins / 2; ++bin) counts_[bin] = counts_[2 * bin] + counts_[2 * bin + 1];
      std::fill(counts_.begin() + bins / 2, counts_.end() - 1, std::uint64_t{0});
    }
    maximum_ = std::max(maximum_, magnitude);
    small_.resize(small_size(exponent()));
  }

  static std::uint64_t loaded_count(double number, std::uint64_t& sum) {
    if (!(number >= 0 && number == std::floor(number) && static_cast<double>(sum) + number <= 0x1p53))
      throw Error(diagnosis::state_not_valid, tensors::text(number) + " is no count");
    const auto count = static_cast<std::uint64_t>(number);
    sum += count;
    return count;
  }

  // Loads {begin, count} of finer bins. The equal bins are already loaded: each must have as many values as its finer
  // bins. There are no finer bins below 2^-24, so the equal bins that reach there are checked together.
  void load_small(std::span<const double> pairs) {
    small_.resize(small_size(exponent()));
    std::vector<std::uint64_t> finer(coarse_bins);
    const double least = std::ldexp(1.0, least_exponent);
    const auto lowest = std::min(static_cast<std::size_t>(std::ceil(least / bin_width())), coarse_bins);
    std::uint64_t sum = 0;
    std::size_t next = 0;
    for (std::size_t at = 0; at < pairs.size(); at += 2) {
      while (next < small_.size() && (next == 0 ? 0.0 : small_edge(next)) != pairs[at]) ++next;
      if (next == small_.size() || pairs[at + 1] == 0)
        throw Error(diagnosis::state_not_valid, "no bin begins at " + tensors::text(pairs[at]));
      small_[next] = loaded_count(pairs[at + 1], sum);
      const auto bin = next == 0 ? 0 : static_cast<std::size_t>(small_edge(next) / bin_width());
      finer[bin < lowest ? 0 : bin] += small_[next];
      ++next;
    }
    for (std::size_t bin = 1; bin < lowest; ++bin) finer[0] -= counts_[bin];
    for (std::size_t bin = 0; bin < coarse_bins; ++bin)
      if ((bin == 0 || bin >= lowest) && finer[bin] != counts_[bin])
        throw Error(diagnosis::state_not_valid, "the counts of finer bins do not fit those of equal ones");
  }

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
