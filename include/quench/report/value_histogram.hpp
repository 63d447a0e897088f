// SPDX-License-Identifier: Apache-2.0
// The distribution of a module's real values, and how many of them its codes cannot represent.
//
//   ValueHistogram histogram;
//   histogram.add(values, scales, DType::Int8);      // any number of times
//   histogram.bars();                                 // about 60 bars from the least value to the greatest
//
// Negative and positive values are counted apart, each in the bins of a MagnitudeHistogram. Their edges are dyadic, so
// the counts are exact, and do not depend on batches or on their order. Only counts are kept, no values.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <quench/ground/compiled.hpp>
#include <quench/observers/magnitude_histogram.hpp>
#include <quench/tensors/scale.hpp>
#include <quench/types/dtype.hpp>

namespace quench::detail {

/// With a scale for each channel, the range that all channels have.
tensors::CodedRange common_range(std::span<const float> scales, DType dtype);

class ValueHistogram {
 public:
  /// Bars of equal width. Bar i covers [begin + i * width, begin + (i + 1) * width).
  struct Bars {
    double begin = 0, width = 0;
    std::vector<std::uint64_t> counts;  // without zeros
  };

  /// Counts values with one scale, or one for each channel, which is the last axis.
  /// Errors   value-not-finite; nothing is counted then
  void add(std::span<const float> values, std::span<const float> scales, DType dtype);

  std::uint64_t count() const { return negative_.size() + positive_.size(); }
  std::uint64_t zeros() const { return positive_.zeros(); }
  /// The number of values below or above the coded range of their channel. The device clips them.
  std::uint64_t outside() const { return outside_; }
  /// The least and the greatest value; infinity and minus infinity before the first one.
  Range range() const { return range_; }

  /// The counts of all values but zeros, in 40 to 80 bars; fewer if the values differ little from each other. The width
  /// of a bar is a power of two.
  Bars bars() const;

 private:
  MagnitudeHistogram negative_, positive_;  // zeros are positive
  Range range_{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
  std::uint64_t outside_ = 0;
};

}  // namespace quench::detail

#if QUENCH_HEADER_ONLY
#include <quench/report/value_histogram_impl.hpp>
#endif
