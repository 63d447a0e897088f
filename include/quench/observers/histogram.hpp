// SPDX-License-Identifier: Apache-2.0
// HistogramObserver: counts values in 2048 bins and drops the sparse ends if that lowers the error.
//
//   quench::HistogramObserver<>                                            // counts every value
//   quench::HistogramObserver<quench::TorchRange>                          // as torch 1.13, bit for bit
//   quench::HistogramObserver<quench::FixedRange<std::ratio<-4>, std::ratio<4>>>   // mergeable
//
// A growing range spreads the counts of old bins over new ones, so the result depends on the order of batches. With a
// fixed range counts are exact integers, and observers can be merged.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ratio>
#include <span>
#include <type_traits>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/host/observers/histogram.hpp>
#include <quench/observers/histogram_growth.hpp>
#include <quench/observers/histogram_search.hpp>
#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>
#include <quench/tensors/float_tensor.hpp>

namespace quench {

/// The range covers all values, and grows as in torch 1.13. Each batch is counted over the range rounded towards zero
/// to integers, or over the range of the batch if these are equal. Values outside are not counted. After batches of one
/// single value the next batch starts again.
struct TorchRange {};

/// The range covers all values, and every value is counted over the unrounded range.
struct GrowingRange {};

/// The range is [Min, Max]. Values outside are counted in the bin at that end, as if clipped.
template <class Min, class Max>
struct FixedRange {
  static_assert(std::ratio_less_v<Min, Max>, "a range ends above its beginning");
  static constexpr Range range{static_cast<float>(static_cast<double>(Min::num) / Min::den),
                               static_cast<float>(static_cast<double>(Max::num) / Max::den)};
};

namespace detail {

inline std::vector<double> histogram_state(Range range, const auto& counts) {
  std::vector<double> state{static_cast<double>(range.min), static_cast<double>(range.max)};
  for (const auto count : counts) state.push_back(static_cast<double>(count));
  return state;
}

[[noreturn]] void throw_no_count(double number);

// The counts of a saved state: whole numbers with a sum of at most 2^53, and none without a range.
void load_counts(std::span<const double> state, bool is_empty, std::span<std::uint64_t> counts);

}  // namespace detail

/// The scale of the part of a histogram with the least error, found by torch's search. 2048 bins, whose range grows
/// with the values.
/// Binning  GrowingRange (default): every value counts; TorchRange: qparams equal those of torch 1.13 bit for bit
/// Errors   empty-input, value-not-finite; nothing-observed, only-zeros-observed, scale-underflow when asked
/// Equals   scale_from_range(searched_range(range, counts, dtype), dtype)
/// Source   torch.ao.quantization.HistogramObserver (per_tensor_symmetric)
template <class Binning = GrowingRange>
class HistogramObserver {
  static constexpr bool like_torch = std::is_same_v<Binning, TorchRange>;
  static_assert(like_torch || std::is_same_v<Binning, GrowingRange>,
                "a HistogramObserver has a TorchRange, a GrowingRange or a FixedRange");

 public:
  void observe(const FloatInput& x) {
    const Range batch = finite_range(x);
    const bool one_value = range_.min == range_.max;
    if (is_empty() || (one_value && (like_torch || batch == range_))) {
      HistogramCounts counts = counted(x, batch, batch);
      if (!like_torch && !is_empty()) counts[histogram_bins / 2] += counts_[histogram_bins / 2];
      range_ = batch;
      counts_ = counts;
      return;
    }
    const Range joined{std::min(range_.min, batch.min), std::max(range_.max, batch.max)};
    Range grown = joined;
    HistogramCounts old = counts_;
    if (joined != range_) {
      const detail::HistogramGrid grid(range_, joined);
      grown = like_torch ? grid.range : Range{joined.min, std::max(grid.range.max, joined.max)};
      if (grown != range_) old = grid.new_steps > 0 ? detail::spread(grid, counts_) : moved_to_point(grown);
    }
    HistogramCounts counts = counted(x, grown, batch);
    for (std::size_t bin = 0; bin < histogram_bins; ++bin) counts[bin] += old[bin];
    range_ = grown;
    counts_ = counts;
  }

  float scale(DType dtype) const {
    scale_from_range(range(), dtype);  // throws what is wrong with all values
    return scale_from_range(searched_range(range_, counts_, dtype), dtype);
  }
  /// The range of the bins.
  /// Errors   nothing-observed
  Range range() const {
    if (is_empty()) throw Error(diagnosis::nothing_observed, "");
    return range_;
  }
  const HistogramCounts& counts() const& { return counts_; }
  const HistogramCounts& counts() const&& = delete;
  void reset() { *this = {}; }

  /// {min, max, counts of the bins}; {+inf, -inf, 0, ...} before the first batch.
  std::vector<double> state() const { return detail::histogram_state(range_, counts_); }
  void load(std::span<const double> state) {
    observers::check_state_size(state, histogram_bins + 2);
    const Range range = detail::loaded_range(state.first(2));
    HistogramCounts counts;
    for (std::size_t bin = 0; bin < histogram_bins; ++bin) {
      counts[bin] = observers::loaded_float(state[bin + 2]);
      const float most = range.min > range.max ? 0.0f : std::numeric_limits<float>::max();
      if (!(counts[bin] >= 0 && counts[bin] <= most)) detail::throw_no_count(state[bin + 2]);
    }
    range_ = range;
    counts_ = counts;
  }

 private:
  bool is_empty() const { return range_.min > range_.max; }
  static HistogramCounts counted(std::span<const float> x, Range range, Range batch) {
    if constexpr (like_torch)
      return detail::counts_between(std::trunc(range.min), std::trunc(range.max), x, batch);
    else
      return detail::counts_between(range.min, range.max, x, range);
  }
  // All counts in the bin that contains the shrunken old range.
  HistogramCounts moved_to_point(Range grown) const {
    double sum = 0;
    for (const float count : counts_) sum += static_cast<double>(count);
    const double width = static_cast<double>(grown.max) - static_cast<double>(grown.min);
    const double position = (static_cast<double>(range_.min) - static_cast<double>(grown.min)) / width * histogram_bins;
    HistogramCounts counts{};
    counts[std::min(static_cast<std::size_t>(position), histogram_bins - 1)] = static_cast<float>(sum);
    return counts;
  }

  Range range_ = detail::empty_range;
  HistogramCounts counts_{};
};

/// The same search over a fixed range. Counts are exact, so observers can be merged.
/// Errors   as with a growing range
/// Equals   the scale of torch's search over the counts of the values, clipped to [Min, Max]
template <class Min, class Max>
class HistogramObserver<FixedRange<Min, Max>> {
  using Binning = FixedRange<Min, Max>;
  using Counts = std::array<std::uint64_t, histogram_bins + 1>;  // the last one is not used

 public:
  void observe(const FloatInput& x) {
    const Range batch = finite_range(x);
    host::count_into_bins(host::ClampedBins{Binning::range.min, Binning::range.max, histogram_bins}, x, counts_);
    join(batch);
  }
  void merge(const HistogramObserver& other) {
    for (std::size_t bin = 0; bin < histogram_bins; ++bin) counts_[bin] += other.counts_[bin];
    join(other.range_);
  }

  float scale(DType dtype) const {
    if (range_.min > range_.max) throw Error(diagnosis::nothing_observed, "");
    scale_from_range(range_, dtype);  // throws what is wrong with all values
    return scale_from_range(searched_range(Binning::range, counts(), dtype), dtype);
  }
  HistogramCounts counts() const { return detail::float_counts(counts_); }
  void reset() { *this = {}; }

  /// {least and greatest value seen, counts of the bins}; {+inf, -inf, 0, ...} before the first batch.
  std::vector<double> state() const {
    return detail::histogram_state(range_, std::span(counts_).first(histogram_bins));
  }
  void load(std::span<const double> state) {
    observers::check_state_size(state, histogram_bins + 2);
    const Range range = detail::loaded_range(state.first(2));
    Counts counts{};
    detail::load_counts(state.subspan(2), range.min > range.max, std::span(counts).first(histogram_bins));
    range_ = range;
    counts_ = counts;
  }

 private:
  void join(Range range) { range_ = {std::min(range_.min, range.min), std::max(range_.max, range.max)}; }

  Range range_ = detail::empty_range;
  Counts counts_{};
};

}  // namespace quench

#if QUENCH_HEADER_ONLY
#include <quench/observers/histogram_impl.hpp>
#endif
