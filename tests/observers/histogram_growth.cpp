// SPDX-License-Identifier: Apache-2.0
// Counting and growing against counting one by one and against shares of overlapping bins in double.
#include <quench/observers/histogram_growth.hpp>

#include <doctest/doctest.h>
#include <random>

#include "observers/observing.hpp"

namespace q = quench;

namespace {

double sum_of_counts(const q::HistogramCounts& counts) {
  double sum = 0;
  for (const float count : counts) sum += static_cast<double>(count);
  return sum;
}

}  // namespace

TEST_CASE("values between two edges are counted, the last edge included, others are not") {
  std::mt19937 random(1);
  std::vector<float> x = observing::values(random, 0, 9000, 2);
  x.insert(x.end(), {-3, 4, std::nextafter(-3.0f, -4.0f), std::nextafter(4.0f, 5.0f)});
  q::HistogramCounts expected{};
  for (const float value : x) {
    if (value < -3 || value > 4) continue;
    const float place = (value + 3) * 2048 / 7;
    ++expected[std::min(static_cast<std::size_t>(place), std::size_t{2047})];
  }
  CHECK(q::detail::counts_between(-3, 4, x, {-9, 9}) == expected);
}

TEST_CASE("equal edges stand for the range of the values, equal values for the middle") {
  const std::vector<float> x{0.25f, 0.5f, 0.75f};
  q::HistogramCounts expected{};
  expected[0] = expected[1024] = expected[2047] = 1;
  CHECK(q::detail::counts_between(0, 0, x, {0.25f, 0.75f}) == expected);
  expected = {};
  expected[1024] = 2;
  CHECK(q::detail::counts_between(3, 3, std::vector<float>{3.5f, 3.5f}, {3.5f, 3.5f}) == expected);
}

TEST_CASE("values near the largest float are counted like small ones") {
  std::mt19937 random(2);
  std::vector<float> x = observing::values(random, 1, 5000);
  const q::HistogramCounts small = q::detail::counts_between(-1, 1, x, {-1, 1});
  for (float& value : x) value = std::ldexp(value, 127);
  CHECK(q::detail::counts_between(-0x1p127f, 0x1p127f, x, {-1, 1}) == small);
}

TEST_CASE("a grid has whole steps and covers both ranges") {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> even(-1, 1);
  for (int round = 0; round < 1000; ++round) {
    const float scale = std::ldexp(1.0f, static_cast<int>(random() % 200) - 80);
    const float a = even(random) * scale, width = (1.5f + even(random)) * scale;
    const q::Range old{a, a + width};
    const q::Range joined{old.min - scale * std::abs(even(random)), old.max + scale * std::abs(even(random))};
    const q::detail::HistogramGrid grid(old, joined);
    const double step = (static_cast<double>(old.max) - static_cast<double>(old.min)) / (2048.0 * 128);
    const double new_width = (static_cast<double>(grid.range.max) - static_cast<double>(grid.range.min)) / 2048;
    CHECK(grid.range.min == joined.min);
    CHECK(static_cast<double>(grid.range.max - joined.max) >= -1e-6 * static_cast<double>(scale));
    CHECK(new_width / step == doctest::Approx(static_cast<double>(grid.new_steps)).epsilon(1e-5));
    const double offset = (static_cast<double>(old.min) - static_cast<double>(joined.min)) / step;
    CHECK(std::abs(offset - static_cast<double>(grid.offset)) <= 0.5 + 1e-6 * offset);
  }
}

TEST_CASE("old counts are spread over new bins by their shares") {
  std::mt19937 random(4);
  for (int round = 0; round < 30; ++round) {
    q::HistogramCounts old;
    for (float& count : old) count = static_cast<float>(random() % 3 == 0 ? random() % 1000 : 0);
    const float below = static_cast<float>(random() % 100) / 10, above = static_cast<float>(random() % 100) / 10;
    const q::detail::HistogramGrid grid({-1, 1}, {-1 - below, 1 + above});
    const q::HistogramCounts found = q::detail::spread(grid, old);
    std::vector<double> expected(2048);
    for (std::int64_t bin = 0; bin < 2048; ++bin)
      for (std::int64_t step = 0; step < 128; ++step) {
        const std::int64_t at = std::min<std::int64_t>((bin * 128 + step + grid.offset) / grid.new_steps, 2047);
        expected[static_cast<std::size_t>(at)] += static_cast<double>(old[static_cast<std::size_t>(bin)]) / 128;
      }
    const double sum = sum_of_counts(old);
    CHECK(sum_of_counts(found) == doctest::Approx(sum).epsilon(1e-6));
    for (std::size_t bin = 0; bin < 2048; ++bin)
      CHECK(std::abs(static_cast<double>(found[bin]) - expected[bin]) <= 1e-7 * sum);
  }
}

TEST_CASE("a range that is too narrow for a grid has none") {
  CHECK(q::detail::HistogramGrid({1, 1}, {0, 1}).new_steps == 0);
  CHECK(q::detail::HistogramGrid({0, 1e-38f}, {-1, 1}).new_steps == 0);
  CHECK(q::detail::HistogramGrid({0, 1e-6f}, {-1, 1}).new_steps > 0);
  const float largest = std::numeric_limits<float>::max();
  const q::detail::HistogramGrid widest({-largest / 2, largest / 3}, {-largest, largest});
  CHECK(widest.range.max == largest);
  CHECK(widest.new_steps > 128);
}
