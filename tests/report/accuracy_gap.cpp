// SPDX-License-Identifier: Apache-2.0
#include <quench/report/accuracy_gap.hpp>

#include <doctest/doctest.h>

#include <cmath>

namespace q = quench;

namespace {

q::TrainingMetric metric(double accuracy, std::size_t samples) {
  q::TrainingMetric result;
  result.accuracy = accuracy;
  result.samples = samples;
  return result;
}

double probability(int successes, int count, double share) {
  return std::exp(std::lgamma(count + 1.0) - std::lgamma(successes + 1.0) - std::lgamma(count - successes + 1.0)) *
         std::pow(share, successes) * std::pow(1 - share, count - successes);
}

/// How often the interval misses the gap, over all outcomes of two draws.
double missed(double training, int trained, double validation, int validated) {
  double missed = 0;
  for (int i = 0; i <= trained; ++i)
    for (int j = 0; j <= validated; ++j) {
      const q::AccuracyGap gap = q::accuracy_gap(metric(1.0 * i / trained, static_cast<std::size_t>(trained)),
                                                 metric(1.0 * j / validated, static_cast<std::size_t>(validated)));
      if (gap.low > training - validation || gap.high < training - validation)
        missed += probability(i, trained, training) * probability(j, validated, validation);
    }
  return missed;
}

}  // namespace

TEST_CASE("bounds of a gap are those of theorem 1, solved by hand") {
  // All of 64 right: log(1 / p) * 64 = log(80). Half of 8 right: 8 * log(1 / (2 sqrt(p (1 - p)))) = log(80).
  const q::AccuracyGap gap = q::accuracy_gap(metric(1, 64), metric(0.5, 8));
  const double lowest = std::exp(-std::log(80) / 64), half = std::sqrt(1 - std::exp(-std::log(80) / 4)) / 2;
  CHECK(gap.value == 0.5);
  CHECK(gap.low == doctest::Approx(lowest - (0.5 + half)).epsilon(1e-9));
  CHECK(gap.high == doctest::Approx(1 - (0.5 - half)).epsilon(1e-9));
}

TEST_CASE("an accuracy that is no share is refused") {
  for (const double wrong : {std::nan(""), -0.1, 1.1}) {
    CHECK_THROWS_AS(q::accuracy_gap({wrong, 0, 10}, {0.5, 0, 10}), q::Error);
    CHECK_THROWS_AS(q::accuracy_gap({0.5, 0, 10}, {wrong, 0, 10}), q::Error);
  }
}

TEST_CASE("the interval becomes narrower with more samples, and is as wide as it can be without") {
  double width = 2;
  for (const std::size_t samples : {std::size_t{1}, std::size_t{8}, std::size_t{100}, std::size_t{10000}}) {
    const q::AccuracyGap gap = q::accuracy_gap(metric(0.75, samples), metric(0.5, samples));
    CHECK(gap.low <= 0.25);
    CHECK(gap.high >= 0.25);
    CHECK(gap.high - gap.low < width);
    width = gap.high - gap.low;
  }
  CHECK(width < 0.06);
  const q::AccuracyGap none = q::accuracy_gap(metric(0, 0), metric(0, 0));
  CHECK(none.low == doctest::Approx(-1));
  CHECK(none.high == doctest::Approx(1));
}

TEST_CASE("the interval misses the true gap in at most 5 of 100 draws, however few samples there are") {
  for (const int validated : {1, 3, 8, 30})
    for (const double share : {0.1, 0.5, 0.8, 0.9, 0.99}) {
      CAPTURE(validated);
      CAPTURE(share);
      CHECK(missed(1, 40, share, validated) <= 0.05);
      CHECK(missed(0.95, 40, share, validated) <= 0.05);
      CHECK(missed(0.5, 8, share, validated) <= 0.05);
    }
}
