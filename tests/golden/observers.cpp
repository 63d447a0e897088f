// SPDX-License-Identifier: Apache-2.0
// Observers give what torch 1.13 gives, bit for bit; see make_observers.py.
#include "golden/observers.hpp"

#include <doctest/doctest.h>

#include <bit>

#include <quench/host/observers/histogram_error.hpp>
#include <quench/observers/granularity.hpp>
#include <quench/observers/histogram.hpp>
#include <quench/observers/min_max.hpp>
#include <quench/observers/percentile.hpp>

namespace q = quench;

namespace {

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

template <class Binning>
std::uint64_t digest_of(const q::HistogramObserver<Binning>& observer) {
  std::vector<std::uint32_t> words;
  for (const float count : observer.counts()) words.push_back(bits(count));
  words.push_back(bits(observer.range().min));
  words.push_back(bits(observer.range().max));
  return golden_observers::digest(words);
}

std::uint64_t digest_of(const std::vector<float>& scales) {
  std::vector<std::uint32_t> words;
  for (const float scale : scales) words.push_back(bits(scale));
  return golden_observers::digest(words);
}

template <int Axis>
void check_channels(const golden_observers::PerChannelCase& expected) {
  q::PerChannelObserver<q::MinMaxObserver, Axis> min_max;
  q::PerChannelObserver<q::MovingAverageMinMaxObserver<>, Axis> moving_average;
  golden_observers::Generator generator(expected.seed);
  const q::Extents extents(expected.extents);
  for (int b = 0; b < expected.batches; ++b) {
    const float scale = expected.scale * static_cast<float>(b + 1);
    const std::vector<float> values = generator.values(expected.kind, extents.elements(), scale, 0);
    const q::FloatInput x(values, extents);
    min_max.observe(x);
    moving_average.observe(x);
  }
  CHECK(digest_of(min_max.scales(q::DType::Int8)) == expected.min_max_digest);
  CHECK(digest_of(moving_average.scales(q::DType::Int8)) == expected.moving_average_digest);
}

}  // namespace

TEST_CASE("per tensor, ranges, moving averages and histograms are torch's on more than a million values") {
  static_assert(golden_observers::values_in_all > 1000000);
  for (const golden_observers::PerTensorCase& expected : golden_observers::per_tensor) {
    CAPTURE(expected.seed);
    q::MinMaxObserver min_max;
    q::MovingAverageMinMaxObserver<> moving_average;
    q::HistogramObserver<q::TorchRange> histogram;
    q::HistogramObserver<q::GrowingRange> whole;
    golden_observers::Generator generator(expected.seed);
    for (const golden_observers::Batch& batch : expected.batches) {
      const std::vector<float> x = generator.values(expected.kind, batch);
      min_max.observe(x);
      moving_average.observe(x);
      histogram.observe(x);
      whole.observe(x);
    }
    CHECK(bits(min_max.scale(q::DType::Int8)) == expected.min_max);
    CHECK(bits(moving_average.scale(q::DType::Int8)) == expected.moving_average);
    CHECK(bits(histogram.scale(q::DType::Int8)) == expected.histogram);
    CHECK(digest_of(histogram) == expected.histogram_digest);
    if (expected.whole_histogram == 0) continue;  // torch forgets equal values
    CHECK(bits(whole.scale(q::DType::Int8)) == expected.whole_histogram);
    CHECK(digest_of(whole) == expected.whole_histogram_digest);
  }
}

TEST_CASE("the search draws in the ends of a histogram as torch does") {
  std::uint64_t seed = 2000;
  for (const std::uint64_t expected : golden_observers::searched) {
    CAPTURE(seed);
    golden_observers::Generator generator(seed++);
    std::vector<std::uint32_t> found;
    for (int i = 0; i < golden_observers::histograms; ++i) {
      golden_observers::SearchCase histogram = golden_observers::search_case(generator);
      const q::Range range = q::searched_range({histogram.min, histogram.max}, histogram.counts, q::DType::Int8);
      found.push_back(bits(range.min));
      found.push_back(bits(range.max));
      for (float& count : histogram.counts) count /= 3;
      found.push_back(bits(q::host::histogram_sum(histogram.counts)));
    }
    CHECK(golden_observers::digest(found) == expected);
  }
}

TEST_CASE("exact percentiles are numpy's") {
  for (const golden_observers::PerTensorCase& expected : golden_observers::per_tensor) {
    CAPTURE(expected.seed);
    q::ExactPercentileObserver<> percentile;
    golden_observers::Generator generator(expected.seed);
    for (const golden_observers::Batch& batch : expected.batches)
      percentile.observe(generator.values(expected.kind, batch));
    CHECK(bits(percentile.magnitude()) == expected.percentile);
  }
}

TEST_CASE("per channel, ranges and moving averages are torch's on every axis") {
  for (const golden_observers::PerChannelCase& expected : golden_observers::per_channel) {
    CAPTURE(expected.seed);
    switch (expected.axis) {
      case -2: check_channels<-2>(expected); break;
      case -1: check_channels<-1>(expected); break;
      case 0: check_channels<0>(expected); break;
      case 1: check_channels<1>(expected); break;
      case 3: check_channels<3>(expected); break;
      default: FAIL("an axis without a test");
    }
  }
}
