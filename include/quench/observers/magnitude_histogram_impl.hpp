// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/magnitude_histogram.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace quench {

QUENCH_INLINE void MagnitudeHistogram::add(std::span<const float> x) {
  const Range range = finite_range(x);
  grow(range.magnitude());
  const std::uint64_t before = coarse();
  host::count_into_bins(host::MagnitudeBins::up_to_power(exponent()), x, counts_);
  add_small(x, coarse() - before);
  size_ += x.size();
}

QUENCH_INLINE void MagnitudeHistogram::merge(const MagnitudeHistogram& other) {
  MagnitudeHistogram grown = other;
  grow(other.maximum_);
  grown.grow(maximum_);
  for (std::size_t bin = 0; bin <= bins; ++bin) counts_[bin] += grown.counts_[bin];
  for (std::size_t bin = 0; bin < small_.size(); ++bin) small_[bin] += grown.small_[bin];
  size_ += grown.size_;
}

QUENCH_INLINE MagnitudeHistogram::EqualBins MagnitudeHistogram::equal_bins(int top) const {
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

QUENCH_INLINE std::vector<double> MagnitudeHistogram::state() const {
  std::vector<double> state{static_cast<double>(maximum_), static_cast<double>(zeros())};
  for (const std::uint64_t count : counts()) state.push_back(static_cast<double>(count));
  for (std::size_t i = 0; i < small_.size(); ++i)
    if (small_[i] > 0) state.insert(state.end(), {i == 0 ? 0.0 : small_edge(i), static_cast<double>(small_[i])});
  return state;
}

QUENCH_INLINE void MagnitudeHistogram::load(std::span<const double> state) {
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

QUENCH_INLINE int MagnitudeHistogram::exponent_of(float magnitude) {
  int exponent = least_exponent;
  if (magnitude > 0) std::frexp(magnitude, &exponent);
  return std::max(exponent, least_exponent);
}

QUENCH_INLINE std::size_t MagnitudeHistogram::small_octaves(int exponent) {
  return static_cast<std::size_t>(std::max(exponent - 4 - least_exponent, 0));
}

QUENCH_INLINE std::uint64_t MagnitudeHistogram::coarse() const {
  const std::span<const std::uint64_t> first = std::span(counts_).first(coarse_bins);
  return std::accumulate(first.begin(), first.end(), std::uint64_t{0});
}

QUENCH_INLINE void MagnitudeHistogram::add_small(std::span<const float> x, std::uint64_t left) {
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

QUENCH_INLINE void MagnitudeHistogram::grow(float magnitude) {
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

QUENCH_INLINE std::uint64_t MagnitudeHistogram::loaded_count(double number, std::uint64_t& sum) {
  if (!(number >= 0 && number == std::floor(number) && static_cast<double>(sum) + number <= 0x1p53))
    throw Error(diagnosis::state_not_valid, tensors::text(number) + " is no count");
  const auto count = static_cast<std::uint64_t>(number);
  sum += count;
  return count;
}

QUENCH_INLINE void MagnitudeHistogram::load_small(std::span<const double> pairs) {
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

}  // namespace quench
