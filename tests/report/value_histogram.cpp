// SPDX-License-Identifier: Apache-2.0
#include <quench/report/value_histogram.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <quench/training/parameters.hpp>

namespace q = quench;
using q::detail::ValueHistogram;

namespace {

// The same counts, value by value.
void check_bars(const std::vector<float>& values, const ValueHistogram& histogram) {
  const ValueHistogram::Bars bars = histogram.bars();
  std::vector<std::uint64_t> expected(bars.counts.size());
  for (const float value : values) {
    if (value == 0) continue;
    // Magnitudes are counted from zero outwards, so a negative value at an edge belongs to the bar outside of it.
    const double place = (static_cast<double>(value) - bars.begin) / bars.width;
    const double bar = value < 0 && place == std::floor(place) ? place - 1 : std::floor(place);
    REQUIRE(bar >= 0);
    REQUIRE(bar < static_cast<double>(expected.size()));
    ++expected[static_cast<std::size_t>(bar)];
  }
  CHECK(bars.counts == expected);
  if (histogram.zeros() > 0) return;
  CHECK(bars.counts.front() > 0);
  CHECK(bars.counts.back() > 0);
}

}  // namespace

TEST_CASE("bars count each value but zeros, whatever the batches") {
  q::training::Random random(q::Seed{4});
  const float scales[] = {0.01f};
  for (const auto& [low, high] :
       {std::pair{-3.0f, 2.0f}, {0.0f, 6.0f}, {0.2f, 0.9f}, {-1e-4f, -1e-6f}, {-1e30f, 5e29f}}) {
    CAPTURE(low);
    std::vector<float> values(5000);
    for (float& value : values) value = random.uniform(low, high);
    ValueHistogram whole, parts;
    whole.add(values, scales, q::DType::Int8);
    for (const std::size_t begin : {4000u, 2000u, 0u, 3000u, 1000u})
      parts.add(std::span(values).subspan(begin, 1000), scales, q::DType::Int8);
    check_bars(values, whole);
    CHECK(whole.bars().counts == parts.bars().counts);
    CHECK(whole.bars().counts.size() >= 40);
    CHECK(whole.bars().counts.size() <= 82);
    CHECK(whole.outside() == parts.outside());
    CHECK(whole.range().min == *std::min_element(values.begin(), values.end()));
    CHECK(whole.range().max == *std::max_element(values.begin(), values.end()));
  }
}

TEST_CASE("values that are equal, far from zero or zero have bars too, or none") {
  const float scales[] = {1};
  const auto bars_of = [&](const std::vector<float>& values) {
    ValueHistogram histogram;
    histogram.add(values, scales, q::DType::Int8);
    CHECK(histogram.count() == values.size());
    if (std::any_of(values.begin(), values.end(), [](float x) { return x != 0; })) check_bars(values, histogram);
    return histogram.bars().counts;
  };
  CHECK(bars_of({0, 0, -0.0f}).empty());
  CHECK(bars_of({0.5f, 0.5f, 0}).back() == 2);
  CHECK(bars_of({0.5f, 0.5f}) == std::vector<std::uint64_t>{2});
  CHECK(bars_of({-0.5f}) == std::vector<std::uint64_t>{1});
  CHECK(bars_of({1000, 1000.01f}).size() == 1);
  CHECK(bars_of({std::numeric_limits<float>::denorm_min(), -std::numeric_limits<float>::denorm_min()}).size() == 2);
  CHECK(bars_of({std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}).size() <= 82);
  CHECK(ValueHistogram().bars().counts.empty());
}

TEST_CASE("values outside are those more than half a step beyond the codes of their channel") {
  ValueHistogram histogram;
  const float scales[] = {1, 0.5f};
  // Codes represent [-128.5, 127.5] in the first channel, [-64.25, 63.75] in the second.
  const std::vector<float> values{127.5f, 63.75f, 127.6f, 63.8f, -128.5f, -64.25f, -128.6f, -64.3f, 100, 100, 0, 0};
  histogram.add(values, scales, q::DType::Int8);
  CHECK(histogram.outside() == 5);
  CHECK(histogram.zeros() == 2);
  const auto range = q::detail::common_range(scales, q::DType::Int8);
  CHECK(range.low == doctest::Approx(-64.25));
  CHECK(range.high == doctest::Approx(63.75));
}

TEST_CASE("a histogram refuses NaN and infinity, and stays as it is") {
  ValueHistogram histogram;
  const float scales[] = {1}, good[] = {1, -2}, bad[] = {3, std::numeric_limits<float>::quiet_NaN()};
  histogram.add(good, scales, q::DType::Int8);
  CHECK_THROWS_AS(histogram.add(bad, scales, q::DType::Int8), q::Error);
  CHECK(histogram.count() == 2);
  CHECK(histogram.range().max == 1);
  histogram.add({}, scales, q::DType::Int8);
  CHECK(histogram.count() == 2);
}
