// SPDX-License-Identifier: Apache-2.0
// How a histogram counts a batch, and how its counts move when its range grows. Steps, order and rounding are those of
// torch 1.13, so HistogramObserver gives the same qparams bit for bit.
//
// A larger range has wider bins. Old and new bins lie on a grid of steps, 128 to an old bin. The values of a bin are
// taken as uniform over its steps. The new range is made slightly larger, so that its bins are whole steps.
#pragma once

#include <cstdint>
#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/observers/histogram_search.hpp>

namespace quench::detail {

// Counts as floats: exact up to 2^24 values in a bin.
HistogramCounts float_counts(std::span<const std::uint64_t> counts);

// The counts of values between two edges, as in torch.histc: equal edges are replaced by those of the values.
HistogramCounts counts_between(float left, float right, std::span<const float> x, Range values);

// The positions of old bins on a grid of a common step: 1 / 128 of an old bin.
struct HistogramGrid {
  static constexpr std::int64_t steps = 128;  // of an old bin

  Range range;                 // of the new bins
  std::int64_t new_steps = 0;  // of a new bin; 0 if old bins are too narrow for a grid
  std::int64_t offset = 0;     // of the first old bin, in steps

  HistogramGrid(Range old, Range joined);
};

// Counts of old bins, spread over new ones.
HistogramCounts spread(const HistogramGrid& grid, const HistogramCounts& old);

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/observers/histogram_growth_impl.hpp>
#endif
