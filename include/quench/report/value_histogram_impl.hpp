// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <quench/report/value_histogram.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <quench/observers/observer.hpp>

namespace quench::detail {

QUENCH_INLINE tensors::CodedRange common_range(std::span<const float> scales, DType dtype) {
  return tensors::coded_range(*std::min_element(scales.begin(), scales.end()), dtype);
}

QUENCH_INLINE void ValueHistogram::add(std::span<const float> values, std::span<const float> scales, DType dtype) {
  if (values.empty()) return;
  const Range range = finite_range(values);
  std::vector<tensors::CodedRange> coded;
  for (const float scale : scales) coded.push_back(tensors::coded_range(scale, dtype));
  std::vector<float> negative, positive;
  for (std::size_t i = 0; i < values.size(); ++i) {
    outside_ += coded[i % coded.size()].contains(values[i]) ? 0u : 1u;
    (values[i] < 0 ? negative : positive).push_back(values[i]);
  }
  if (!negative.empty()) negative_.add(negative);
  if (!positive.empty()) positive_.add(positive);
  range_ = {std::min(range_.min, range.min), std::max(range_.max, range.max)};
}

QUENCH_INLINE ValueHistogram::Bars ValueHistogram::bars() const {
  if (count() == zeros()) return {};
  // An empty side has the finest bins.
  const double finest = std::max(negative_.bin_width(), positive_.bin_width());
  const double least = static_cast<double>(range_.min), greatest = static_cast<double>(range_.max);
  const double width =
      greatest > least ? std::max(finest, std::exp2(std::ceil(std::log2((greatest - least) / 80)))) : finest;
  const auto number_of = [width](double value) {  // of the bar of a value, where bar 0 begins at 0
    const double from_zero = std::floor(std::abs(value) / width);
    return value < 0 ? -from_zero - 1 : from_zero;
  };
  const double first = number_of(least);
  Bars bars{first * width, width,
            std::vector<std::uint64_t>(static_cast<std::size_t>(number_of(greatest) - first) + 1)};
  const auto count = [&](const MagnitudeHistogram& of, double sign) {
    for (std::size_t bin = 0; bin < of.counts().size(); ++bin)
      if (of.counts()[bin] > 0) {
        const double middle = (static_cast<double>(bin) + 0.5) * of.bin_width();
        bars.counts[static_cast<std::size_t>(number_of(sign * middle) - first)] += of.counts()[bin];
      }
  };
  count(negative_, -1);
  count(positive_, 1);
  return bars;
}

}  // namespace quench::detail
