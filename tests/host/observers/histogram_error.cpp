// SPDX-License-Identifier: Apache-2.0
// The error of a histogram against an integral in double, on every instruction set.
#include <quench/host/observers/histogram_error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "host/isas.hpp"

namespace host = quench::host;

namespace {

using Counts = std::array<float, host::histogram_bins>;

Counts random_counts(std::mt19937& random) {
  std::normal_distribution<float> normal;
  Counts counts;
  for (float& count : counts) count = std::floor(std::exp(normal(random) * 3) * 10) / 128;
  return counts;
}

double cube(double x) { return x * x * x; }

// As torch takes it: from the begin of a bin to the end of its wide bin, whole wide bins, and the rest.
double error_of(host::WideBins bins, const Counts& counts) {
  const auto narrow = static_cast<double>(bins.narrow), wide = static_cast<double>(bins.wide);
  double sum = 0;
  for (int i = 0; i < 2048; ++i) {
    const double begin = (i - bins.first) * narrow, end = begin + narrow;
    const double begin_bin = std::clamp(std::floor(begin / wide), 0.0, bins.wide_bins - 1.0);
    const double end_bin = std::clamp(std::floor(end / wide), 0.0, bins.wide_bins - 1.0);
    const double parts = (cube(wide / 2) - cube(begin - (begin_bin + 0.5) * wide)) / 3 +
                         (end_bin - begin_bin - 1) * 2 * cube(wide / 2) / 3 +
                         (cube(end - (end_bin + 0.5) * wide) - cube(-wide / 2)) / 3;
    sum += static_cast<double>(counts[static_cast<std::size_t>(i)]) / narrow * parts;
  }
  return sum;
}

}  // namespace

TEST_CASE("a sum of counts is the same on every instruction set, and about the sum") {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    const Counts counts = random_counts(random);
    double expected = 0;
    for (const float count : counts) expected += static_cast<double>(count);
    const float found = host::histogram_sum(counts);
    CHECK(static_cast<double>(found) == doctest::Approx(expected).epsilon(1e-5));
    for (const host::Isa isa : isas()) CHECK(host::histogram_sum(counts, isa) == found);
  }
}

TEST_CASE("the error of a histogram is the integral, the same on every instruction set") {
  std::mt19937 random(2);
  for (const std::int32_t codes : {16, 256, 65536})
    for (int round = 0; round < 10; ++round) {
      const Counts counts = random_counts(random);
      const auto first = static_cast<std::int32_t>(random() % 500);
      const auto covered = static_cast<std::int32_t>(2048 - first - static_cast<int>(random() % 900));
      const float narrow = std::ldexp(1.3f, static_cast<int>(random() % 20) - 10);
      const host::WideBins bins{first, codes, narrow, narrow * static_cast<float>(covered) / static_cast<float>(codes)};
      const float found = host::histogram_error(bins, counts);
      CHECK(static_cast<double>(found) == doctest::Approx(error_of(bins, counts)).epsilon(0.01));
      for (const host::Isa isa : isas()) CHECK(host::histogram_error(bins, counts, isa) == found);
    }
}
