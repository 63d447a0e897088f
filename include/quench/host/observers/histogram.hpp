// SPDX-License-Identifier: Apache-2.0
// Counts many floats in bins.
//
// A rule gives the bin of a value: `UniformBins`, `ClampedBins` (equal widths between two edges), `MagnitudeBins`
// (equal widths from 0 to a power of two) or `LogBins` (256 to a power of two). Counts are exact integers, so every CPU
// counts the same.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

#include <quench/ground/compiled.hpp>
#include <quench/host/isa.hpp>

namespace quench::host {

/// The bins of torch's histograms.
inline constexpr std::size_t histogram_bins = 2048;

/// `bins` bins of equal width on [left, right], including the right edge. Values outside count in the rest.
/// Equals   trunc((x - left) * bins / (right - left)) in float, at most bins - 1
/// Source   torch.histc of torch 1.13
struct UniformBins {
  float left = 0, right = 0;
  std::uint32_t bins = 0;

  [[gnu::always_inline]] std::int32_t operator()(float x) const {
    const float raised = x < left ? left : x;
    const float held = raised > right ? right : raised;
    const float position = (held - left) * static_cast<float>(bins) / (right - left);
    const std::int32_t last = static_cast<std::int32_t>(bins) - 1;
    const std::int32_t bin = std::min(static_cast<std::int32_t>(position), last);
    return held == x ? bin : last + 1;
  }
};

/// The same, but values outside count in the bin at that end, and none in the rest.
struct ClampedBins {
  float left = 0, right = 0;
  std::uint32_t bins = 0;

  [[gnu::always_inline]] std::int32_t operator()(float x) const {
    const float raised = x < left ? left : x;
    const float held = raised > right ? right : raised;
    const float position = (held - left) * static_cast<float>(bins) / (right - left);
    return std::min(static_cast<std::int32_t>(position), static_cast<std::int32_t>(bins) - 1);
  }
};

/// `bins` bins of magnitudes on [0, 2^exponent), the exponent in [-24, 128]. Zeros count in the rest. Exact: the factor
/// is a power of two. Values have to be below 2^exponent.
/// Equals   floor(abs(x) * bins / 2^exponent)
struct MagnitudeBins {
  float factor = 0;

  static constexpr std::uint32_t bins = 4096;
  static MagnitudeBins up_to_power(int exponent) { return {std::ldexp(static_cast<float>(bins), -exponent)}; }
  [[gnu::always_inline]] std::int32_t operator()(float x) const {
    const float magnitude = x < 0 ? -x : x;
    const std::int32_t bin = static_cast<std::int32_t>(magnitude * factor);
    return magnitude == 0 ? static_cast<std::int32_t>(bins) : bin;
  }
};

/// Bins of magnitudes, 256 of equal width from each power of two to the next, for 16 powers of two from 2^exponent on.
/// Magnitudes outside count in the rest. Exact: the first 17 bits of a float give its bin.
struct LogBins {
  std::int32_t first = 0;

  static constexpr std::uint32_t bins = 4096;
  static constexpr int per_octave = 256, octaves = 16, dropped_bits = 15;

  /// The number of the bin that begins at a power of two, counted from 2^-127 on.
  static constexpr std::int32_t number_of(int exponent) { return (exponent + 127) * per_octave; }
  /// The lower edge of a bin.
  static float edge(std::int32_t number) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(number) << dropped_bits);
  }
  static LogBins from_power(int exponent) { return {number_of(exponent)}; }

  [[gnu::always_inline]] std::int32_t operator()(float x) const {
    const auto magnitude = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(x) & 0x7fffffffu);
    const std::int32_t bin = (magnitude >> dropped_bits) - first;
    return bin >= 0 && bin < static_cast<std::int32_t>(bins) ? bin : static_cast<std::int32_t>(bins);
  }
};

/// Adds values to counts.
/// Shapes   counts [bins + 1]: a count for each bin, and after them the rest
/// Units    x finite; counts in values
/// Errors   none: the caller has to refuse NaN; rule.bins is at most `max_bins`
/// Equals   ++counts[rule(x)] for each value
void count_into_bins(UniformBins rule, std::span<const float> x, std::span<std::uint64_t> counts, Isa isa = best_isa());
void count_into_bins(ClampedBins rule, std::span<const float> x, std::span<std::uint64_t> counts, Isa isa = best_isa());
void count_into_bins(MagnitudeBins rule, std::span<const float> x, std::span<std::uint64_t> counts,
                     Isa isa = best_isa());
void count_into_bins(LogBins rule, std::span<const float> x, std::span<std::uint64_t> counts, Isa isa = best_isa());

}  // namespace quench::host

#if QUENCH_HEADER_ONLY
#include <quench/host/observers/histogram_impl.hpp>
#endif
