// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/observers/histogram_growth.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <quench/host/observers/histogram.hpp>

namespace quench {

namespace detail {

QUENCH_INLINE HistogramCounts float_counts(std::span<const std::uint64_t> counts) {
  HistogramCounts result;
  for (std::size_t bin = 0; bin < histogram_bins; ++bin) result[bin] = static_cast<float>(counts[bin]);
  return result;
}

QUENCH_INLINE HistogramCounts counts_between(float left, float right, std::span<const float> x, Range values) {
  std::array<std::uint64_t, histogram_bins + 1> counts{};
  if (left == right) {
    left = values.min;
    right = values.max;
  }
  if (left == right) {
    counts[histogram_bins / 2] = x.size();
    return float_counts(counts);
  }
  const int shift = std::max(-left, right) > 0x1p100f ? 64 : 0;  // else the product exceeds the range of float
  std::vector<float> scaled;
  if (shift > 0) {
    for (const float value : x) scaled.push_back(std::ldexp(value, -shift));
    x = scaled;
  }
  const host::UniformBins rule{std::ldexp(left, -shift), std::ldexp(right, -shift), histogram_bins};
  host::count_into_bins(rule, x, counts);
  return float_counts(counts);
}

QUENCH_INLINE HistogramGrid::HistogramGrid(Range old, Range joined) : range(joined) {
  const bool large = std::max(old.magnitude(), joined.magnitude()) > 0x1p100f;
  const int shift = large ? 64 : 0;
  const auto scaled = [&](float value) { return std::ldexp(value, -shift); };
  const float step = (scaled(old.max) - scaled(old.min)) / (histogram_bins * steps);
  const float old_width = histogram_bins * step;
  const float width = scaled(joined.max) - scaled(joined.min);
  const float rate = std::ceil(width / old_width);
  if (!(rate < 0x1p40f)) return;
  new_steps = static_cast<std::int64_t>(rate);
  const float grown = scaled(joined.max) + (tensors::rounded_product(rate, old_width) - width);
  range.max = std::min(std::ldexp(grown, shift), std::numeric_limits<float>::max());
  offset = static_cast<std::int64_t>(std::nearbyint((scaled(old.min) - scaled(joined.min)) / step));
}

QUENCH_INLINE HistogramCounts spread(const HistogramGrid& grid, const HistogramCounts& old) {
  HistogramCounts result;
  constexpr auto end = static_cast<std::int64_t>(histogram_bins) * HistogramGrid::steps;
  double integral = 0;
  float before = 0;
  std::int64_t step = 0;
  for (std::size_t bin = 0; bin < histogram_bins; ++bin) {
    const std::int64_t stop = static_cast<std::int64_t>(bin + 1) * grid.new_steps - grid.offset;
    const std::int64_t here = bin + 1 < histogram_bins ? std::min(stop, end) : end;
    while (step < here) {  // one addition for each step: torch's order of rounding
      const auto old_bin = step / HistogramGrid::steps;
      const std::int64_t until = std::min(here, (old_bin + 1) * HistogramGrid::steps);
      const auto value = static_cast<double>(old[static_cast<std::size_t>(old_bin)]);
      if (value == 0) step = until;
      for (; step < until; ++step) integral += value;
    }
    result[bin] = static_cast<float>((integral - static_cast<double>(before)) / HistogramGrid::steps);
    before = static_cast<float>(integral);
  }
  return result;
}

}  // namespace detail

}  // namespace quench
