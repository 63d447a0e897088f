// SPDX-License-Identifier: Apache-2.0
// The search against itself in double, and what it does for known shapes. Golden vectors: golden/observers.cpp.
#include <quench/observers/histogram_search.hpp>

#include <doctest/doctest.h>
#include <random>

namespace q = quench;

namespace {

// Error of the values of a histogram, each bin cut into many points, moved to the centres of `codes` equal bins that
// cover bins [first, last].
double error_of(const q::HistogramCounts& counts, int first, int last, int codes) {
  constexpr int points = 200;
  const double wide = (last - first + 1.0) / codes;
  double sum = 0;
  for (int bin = 0; bin < 2048; ++bin)
    for (int i = 0; i < points && counts[static_cast<std::size_t>(bin)] > 0; ++i) {
      const double x = bin + (i + 0.5) / points - first;
      const double centre = (std::clamp(std::floor(x / wide), 0.0, codes - 1.0) + 0.5) * wide;
      sum += static_cast<double>(counts[static_cast<std::size_t>(bin)]) * (x - centre) * (x - centre) / points;
    }
  return sum;
}

q::HistogramCounts bell(double centre, double width) {
  q::HistogramCounts counts{};
  for (std::size_t bin = 0; bin < 2048; ++bin) {
    const double x = (static_cast<double>(bin) - centre) / width;
    counts[bin] = static_cast<float>(std::floor(1e5 * std::exp(-x * x / 2)));
  }
  return counts;
}

int bin_of(q::Range range, float value) {
  return static_cast<int>(std::lround((static_cast<double>(value) - static_cast<double>(range.min)) * 2048 /
                                      (static_cast<double>(range.max) - static_cast<double>(range.min))));
}

}  // namespace

TEST_CASE("empty ends are left out") {
  q::HistogramCounts counts{};
  for (std::size_t bin = 500; bin < 1200; ++bin) counts[bin] = 1000;
  const q::Range found = q::searched_range({-4, 4}, counts, q::DType::Int8);
  CHECK(found.min >= -4 + 490 * 8.0f / 2048);
  CHECK(found.min <= -4 + 520 * 8.0f / 2048);
  CHECK(found.max >= -4 + 1180 * 8.0f / 2048);
  CHECK(found.max <= -4 + 1210 * 8.0f / 2048);
}

TEST_CASE("the searched range quantizes better than the whole one") {
  for (const auto& [centre, width] : {std::pair{1024.0, 30.0}, {300.0, 50.0}, {1024.0, 150.0}, {1900.0, 20.0}})
    for (const auto& [dtype, codes] : {std::pair{q::DType::Int4, 16}, {q::DType::Int8, 256}}) {
      const q::HistogramCounts counts = bell(centre, width);
      const q::Range whole{-1, 3};
      const q::Range found = q::searched_range(whole, counts, dtype);
      const int first = bin_of(whole, found.min), last = bin_of(whole, found.max) - 1;
      CHECK(first > 0);
      CHECK(last < 2047);
      CHECK(error_of(counts, first, last, codes) < 0.5 * error_of(counts, 0, 2047, codes));
    }
}

TEST_CASE("the range does not depend on the unit of the values, even beyond the square root of the largest float") {
  std::mt19937 random(1);
  for (int round = 0; round < 5; ++round) {
    q::HistogramCounts counts = bell(700, 100);
    for (float& count : counts) count += static_cast<float>(random() % 4);
    const q::Range range{-0.75f, 1.5f};
    const q::Range found = q::searched_range(range, counts, q::DType::Int8);
    CHECK(found.max < range.max);
    for (const int shift : {-10, 1, 30, 37, 38, 60, 126}) {
      const q::Range scaled{std::ldexp(range.min, shift), std::ldexp(range.max, shift)};
      CHECK(q::searched_range(scaled, counts, q::DType::Int8) ==
            q::Range{std::ldexp(found.min, shift), std::ldexp(found.max, shift)});
    }
  }
}

TEST_CASE("a range of one value, and one without counts, are left as they are") {
  q::HistogramCounts counts{};
  CHECK(q::searched_range({-1, 3}, counts, q::DType::Int8) == q::Range{-1, 3});
  counts[1024] = 5;
  CHECK(q::searched_range({2.5f, 2.5f}, counts, q::DType::Int8) == q::Range{2.5f, 2.5f});
}
