// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/kl.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace quench {

namespace detail {

// Sums over the first bins of a histogram. They give the divergence of a candidate with one step for each level.
class DivergenceSums {
 public:
  // `beyond`: the number of values above all bins.
  DivergenceSums(std::span<const std::uint64_t> counts, std::uint64_t beyond)
      : counts_(counts),
        beyond_(static_cast<double>(beyond)),
        values_(counts.size() + 1),
        held_(counts.size() + 1),
        logs_(counts.size() + 1) {
    for (std::size_t bin = 0; bin < counts.size(); ++bin) {
      const auto count = static_cast<double>(counts[bin]);
      values_[bin + 1] = values_[bin] + count;
      held_[bin + 1] = held_[bin] + (count > 0 ? 1 : 0);
      logs_[bin + 1] = logs_[bin] + times_log(count);
    }
  }

  double divergence(std::size_t bins, std::size_t levels) const {
    const double all = values_.back() + beyond_, within = values_[bins], beyond = all - within;
    const auto last = static_cast<double>(counts_[bins - 1]);
    if (within == 0 || (last == 0 && beyond > 0)) return std::numeric_limits<double>::infinity();
    double p_log_p = logs_[bins - 1] + times_log(last + beyond);
    double p_log_q = 0, last_level = 0;
    std::size_t begin = 0;
    for (std::size_t level = 0; level < levels; ++level) {
      const std::size_t end = ((level + 1) * bins + levels - 1) / levels;  // the first j with j * levels / bins > level
      const double sum = values_[end] - values_[begin], held = held_[end] - held_[begin];
      last_level = sum > 0 ? std::log(sum / held) : 0;
      p_log_q += sum * last_level;
      begin = end;
    }
    p_log_q += beyond * last_level;
    return (p_log_p - p_log_q) / all + std::log(within / all);
  }

 private:
  static double times_log(double count) { return count > 0 ? count * std::log(count) : 0; }

  std::span<const std::uint64_t> counts_;
  double beyond_;
  std::vector<double> values_, held_, logs_;
};

QUENCH_INLINE float KLRule::magnitude(const MagnitudeHistogram& histogram, DType dtype) {
  const MagnitudeHistogram::EqualBins equal = histogram.equal_bins(top_of_most(histogram));
  std::size_t used = equal.counts.size();
  while (used > 0 && equal.counts[used - 1] == 0) --used;
  const auto levels = static_cast<std::size_t>(code_range(dtype).qmax) + 1;
  if (used <= levels) return histogram.maximum();
  const DivergenceSums sums(std::span(equal.counts).first(used), equal.beyond);
  std::vector<double> divergences;
  for (std::size_t bins = levels; bins <= used; ++bins) divergences.push_back(sums.divergence(bins, levels));
  const double least = *std::min_element(divergences.begin(), divergences.end());
  std::size_t best = used;
  while (divergences[best - levels] > least + tie) --best;
  const double threshold = (static_cast<double>(best) + 0.5) * equal.width;
  return std::min(static_cast<float>(threshold), histogram.maximum());
}

QUENCH_INLINE int KLRule::top_of_most(const MagnitudeHistogram& histogram) {
  const auto size = static_cast<double>(histogram.size() - histogram.zeros());
  const double most = std::ceil(size * 0.9999);
  double below = 0;
  int top = histogram.exponent();
  histogram.find_bin([&](double, double end, std::uint64_t count) {
    below += static_cast<double>(count);
    if (below < most) return false;
    while (top > -16 && std::ldexp(1.0, top - 1) >= end) --top;
    return true;
  });
  return top;
}

}  // namespace detail

}  // namespace quench
