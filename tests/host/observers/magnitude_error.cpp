// SPDX-License-Identifier: Apache-2.0
// The squared error of a histogram of magnitudes against many values in each bin, on every instruction set.
#include <quench/host/observers/magnitude_error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "host/isas.hpp"

namespace host = quench::host;

TEST_CASE("the error of a histogram is that of many values in each bin, the same on every instruction set") {
  std::mt19937 random(1);
  for (const std::size_t bins : {16u, 160u, 4096u})
    for (const double scale : {0.001, 0.013, 0.2, 1.7, 40.0})
      for (const double largest_code : {7.0, 127.0, 32767.0}) {
        std::vector<std::uint64_t> counts(bins);
        for (std::uint64_t& count : counts) count = random() % 4 == 0 ? random() % 1000 : 0;
        constexpr double width = 0.03;
        constexpr int points = 300;
        double expected = 0;
        for (std::size_t bin = 0; bin < bins; ++bin)
          for (int i = 0; counts[bin] > 0 && i < points; ++i) {
            const double v = (static_cast<double>(bin) + (i + 0.5) / points) * width;
            const double code = std::min(std::nearbyint(v / scale), largest_code);
            expected += static_cast<double>(counts[bin]) / points * (v - code * scale) * (v - code * scale);
          }
        const double found = host::magnitude_error(counts, 0, width, scale, largest_code);
        CHECK(found == doctest::Approx(expected).epsilon(0.01));
        for (const host::Isa isa : isas())
          CHECK(host::magnitude_error(counts, 0, width, scale, largest_code, isa) == found);
      }
}

TEST_CASE("bins can be left out") {
  std::vector<std::uint64_t> counts(64, 3), rest = counts;
  std::fill(rest.begin(), rest.begin() + 32, 0);
  CHECK(host::magnitude_error(counts, 32, 0.1, 0.7, 127) == host::magnitude_error(rest, 0, 0.1, 0.7, 127));
}

TEST_CASE("the error in bins of powers of two is that of many values in each, the same on every instruction set") {
  std::mt19937 random(2);
  for (const int exponent : {-24, -3})
    for (const double scale : {0.0001, 0.013, 0.2, 40.0})
      for (const double largest_code : {7.0, 127.0}) {
        std::vector<std::uint64_t> counts(20 * host::LogBins::per_octave);
        for (std::uint64_t& count : counts) count = random() % 4 == 0 ? random() % 1000 : 0;
        const std::int32_t first = host::LogBins::number_of(exponent);
        constexpr int points = 100;
        double expected = 0;
        for (std::size_t bin = 0; bin < counts.size(); ++bin)
          for (int i = 0; counts[bin] > 0 && i < points; ++i) {
            const auto number = static_cast<double>(bin) / host::LogBins::per_octave;
            const double octave = std::exp2(std::floor(number) + exponent);
            const double v =
                octave * (1 + number - std::floor(number) + (i + 0.5) / points / host::LogBins::per_octave);
            const double code = std::min(std::nearbyint(v / scale), largest_code);
            expected += static_cast<double>(counts[bin]) / points * (v - code * scale) * (v - code * scale);
          }
        const double found = host::log_magnitude_error(counts, first, scale, largest_code);
        CHECK(found == doctest::Approx(expected).epsilon(0.01));
        for (const host::Isa isa : isas())
          CHECK(host::log_magnitude_error(counts, first, scale, largest_code, isa) == found);
      }
}
