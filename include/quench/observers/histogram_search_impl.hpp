// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/histogram_search.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

#include <quench/host/observers/histogram_error.hpp>

namespace quench {

namespace detail {

class HistogramSearch {
 public:
  HistogramSearch(Range range, const HistogramCounts& counts, std::int32_t codes)
      : counts_(counts),
        codes_(codes),
        bin_width_((static_cast<double>(range.max) - static_cast<double>(range.min)) / histogram_bins) {
    double sum = 0;
    for (std::size_t bin = 0; bin < histogram_bins; ++bin) {
      sum += static_cast<double>(counts[bin]);
      cumulated_[bin] = static_cast<float>(sum);
    }
  }

  struct Bins {
    int first = 0, last = static_cast<int>(histogram_bins) - 1;
    friend bool operator==(const Bins&, const Bins&) = default;
  };

  Bins run() const {
    constexpr double step = 1e-5;
    const auto total = static_cast<double>(host::histogram_sum(counts_));
    double alpha = 0, beta = 1;
    double least = std::numeric_limits<double>::infinity();
    Bins bins;
    while (alpha < beta) {
      const double next_alpha = alpha + step, next_beta = beta - step;
      const auto low = static_cast<float>(next_alpha * total), high = static_cast<float>(next_beta * total);
      int left = bins.first, right = bins.last;
      while (left < bins.last && cumulated(left) < low) ++left;
      while (right > bins.first && cumulated(right) > high) --right;

      Bins next = bins;
      if (left - bins.first > bins.last - right) {
        next.first = left;
        alpha = next_alpha;
      } else {
        next.last = right;
        beta = next_beta;
      }
      if (next == bins) continue;
      const double found = error(next);
      if (found > least) break;
      least = found;
      bins = next;
    }
    return bins;
  }

 private:
  float cumulated(int bin) const { return cumulated_[static_cast<std::size_t>(bin)]; }
  double error(Bins bins) const {
    const double wide = bin_width_ * (bins.last - bins.first + 1) / codes_;
    const host::WideBins wide_bins{bins.first, codes_, static_cast<float>(bin_width_), static_cast<float>(wide)};
    return static_cast<double>(host::histogram_error(wide_bins, counts_));
  }

  const HistogramCounts& counts_;
  HistogramCounts cumulated_;
  std::int32_t codes_;
  double bin_width_;
};

}  // namespace detail

QUENCH_INLINE Range searched_range(Range range, const HistogramCounts& counts, DType dtype) {
  if (range.min == range.max) return range;
  int exponent = 0;
  std::frexp(range.magnitude(), &exponent);
  const int shift = exponent > 38 ? exponent : 0;
  const Range scaled{std::ldexp(range.min, -shift), std::ldexp(range.max, -shift)};
  const CodeRange codes = code_range(dtype);
  const detail::HistogramSearch search(scaled, counts, codes.qmax - codes.qmin + 1);
  const auto bins = search.run();
  const float bin_width = (scaled.max - scaled.min) / histogram_bins;
  const float min = scaled.min + tensors::rounded_product(bin_width, static_cast<float>(bins.first));
  const float max = scaled.min + tensors::rounded_product(bin_width, static_cast<float>(bins.last + 1));
  return {std::ldexp(min, shift), std::ldexp(max, shift)};
}

}  // namespace quench
