// SPDX-License-Identifier: Apache-2.0
// Scales of least squared error against quantizing every value.
#include <quench/observers/least_error.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

namespace {

// Of a magnitude, in double: round to the nearest code, saturate, go back.
double error_of(double magnitude, double scale, double largest_code) {
  const double code = std::min(std::nearbyint(magnitude / scale), largest_code);
  return (magnitude - code * scale) * (magnitude - code * scale);
}

double steps(q::DType dtype) {
  return (q::code_range(dtype).qmax - static_cast<double>(q::code_range(dtype).qmin)) / 2;
}

double error_of_values(const std::vector<float>& x, double magnitude, q::DType dtype) {
  double sum = 0;
  for (const float value : x)
    sum += error_of(std::abs(static_cast<double>(value)), magnitude / steps(dtype), q::code_range(dtype).qmax);
  return sum;
}

double maximum_of(const std::vector<float>& x) {
  double maximum = 0;
  for (const float value : x) maximum = std::max(maximum, std::abs(static_cast<double>(value)));
  return maximum;
}

double percentile_of(std::vector<float> x, double fraction) {
  for (float& value : x) value = std::abs(value);
  std::sort(x.begin(), x.end());
  const double found =
      static_cast<double>(x[static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(x.size()) - 1e-9)) - 1]);
  return found == 0 ? static_cast<double>(x.back()) : found;
}

}  // namespace

TEST_CASE("the error of a histogram is that of many values in each bin") {
  std::mt19937 random(1);
  q::MagnitudeHistogram histogram;
  histogram.add(observing::values(random, 2, 300, 0.1f));
  for (const q::DType dtype : observing::dtypes)
    for (const float part : {1.0f, 0.7f, 0.11f}) {
      const float magnitude = histogram.maximum() * part;
      double expected = 0;
      constexpr int points = 400;
      for (std::size_t bin = 0; bin < histogram.used_bins(); ++bin)
        for (int i = 0; histogram.counts()[bin] > 0 && i < points; ++i) {
          const double v = (static_cast<double>(bin) + (i + 0.5) / points) * histogram.bin_width();
          expected += static_cast<double>(histogram.counts()[bin]) / points *
                      error_of(v, static_cast<double>(magnitude) / steps(dtype), q::code_range(dtype).qmax);
        }
      CAPTURE(static_cast<int>(dtype));
      CHECK(q::squared_error(histogram, magnitude, dtype) == doctest::Approx(expected).epsilon(0.002));
    }
}

TEST_CASE("MSEObserver takes the candidate that quantizes the values best") {
  std::mt19937 random(2);
  for (int kind = 0; kind < 5; ++kind)
    for (const q::DType dtype : {q::DType::Int4, q::DType::Int8}) {
      const std::vector<float> x = observing::values(random, kind, 20000, 3);
      q::MSEObserver observer;
      observer.observe(std::span<const float>(x).first(7000));
      observer.observe(std::span<const float>(x).subspan(7000));
      const auto chosen = static_cast<double>(observer.magnitude(dtype));
      double best = HUGE_VAL;
      bool is_candidate = false;
      for (int i = 0; i <= 94; ++i) {
        const double candidate = (1 - 0.01 * i) * maximum_of(x);
        is_candidate = is_candidate || std::abs(candidate - chosen) < 1e-6 * candidate;
        best = std::min(best, error_of_values(x, candidate, dtype));
      }
      CAPTURE(kind);
      CHECK(is_candidate);
      // Values that repeat do not lie evenly in their bins.
      CHECK(error_of_values(x, chosen, dtype) <= best * (kind == 4 ? 1.2 : 1.01));
    }
}

TEST_CASE("MSEObserver saturates outliers of which there are few, and covers those of which there are many") {
  std::mt19937 random(3);
  std::vector<float> x = observing::values(random, 0, 100000);
  x[5] = 20;
  q::MSEObserver few, many;
  few.observe(x);
  for (std::size_t i = 0; i < 10000; ++i) x[i] = 20;
  many.observe(x);
  CHECK(few.magnitude(q::DType::Int4) < 5);
  CHECK(many.magnitude(q::DType::Int4) >= 19);
  std::vector<float> narrow = observing::values(random, 1, 1000000, 0.04f);
  narrow[0] = 1;
  q::MSEObserver least;
  least.observe(narrow);
  CHECK(least.magnitude(q::DType::Int4) == 0.06f);  // the last candidate
}

TEST_CASE("an outlier does not make the errors of small values up") {
  std::mt19937 random(6);
  q::MagnitudeHistogram histogram;
  const std::vector<float> x = observing::values(random, 1, 100000);
  histogram.add(x);
  histogram.add(std::vector<float>{1e6f});
  for (const float magnitude : {1e6f, 6e4f}) {
    const double expected = error_of_values(x, static_cast<double>(magnitude), q::DType::Int8) +
                            error_of(1e6, static_cast<double>(magnitude) / 127.5, 127);
    CHECK(q::squared_error(histogram, magnitude, q::DType::Int8) == doctest::Approx(expected).epsilon(0.05));
  }
  q::MixObserver observer;  // a percentile of many outliers is one of the others
  observer.observe(x);
  for (int i = 0; i < 3; ++i) observer.observe(std::vector<float>{30.0f});
  const double of_percentile = error_of_values(x, 1, q::DType::Int8) + 3 * error_of(30, 1 / 127.5, 127);
  const double of_maximum = error_of_values(x, 30, q::DType::Int8);
  REQUIRE(of_maximum < of_percentile);
  CHECK(observer.magnitude(q::DType::Int8) == 30);
  // Thirty million small values: their errors, taken for those of values spread over a bin, would outweigh the outlier.
  q::MSEObserver many;
  std::vector<float> tiny = observing::values(random, 1, 1 << 20, 1e-3f);
  for (int i = 0; i < 32; ++i) many.observe(tiny);
  many.observe(std::vector<float>{5.3e5f});
  CHECK(many.magnitude(q::DType::Int8) == 5.3e5f);
}

TEST_CASE("MixObserver takes the percentile, or the maximum, that quantizes the values best") {
  std::mt19937 random(4);
  for (int kind = 0; kind < 4; ++kind)
    for (const std::size_t size : {500u, 30000u, 200000u}) {
      std::vector<float> x = observing::values(random, kind, size, 0.7f);
      for (std::size_t i = 0; i < size / 15000; ++i) x[i] = 9;
      q::MixObserver observer;
      observer.observe(x);
      for (const q::DType dtype : {q::DType::Int4, q::DType::Int8}) {
        const auto chosen = static_cast<double>(observer.magnitude(dtype));
        double best = error_of_values(x, maximum_of(x), dtype);
        double nearest = std::abs(chosen - maximum_of(x));
        for (const double fraction : {0.999, 0.9999, 0.99999, 0.999999}) {
          best = std::min(best, error_of_values(x, percentile_of(x, fraction), dtype));
          nearest = std::min(nearest, std::abs(chosen - percentile_of(x, fraction)));
        }
        CHECK(nearest <= maximum_of(x) / 2048);
        CHECK(error_of_values(x, chosen, dtype) <= best * 1.05);
      }
    }
}

TEST_CASE("MixObserver names what it has chosen") {
  q::MixObserver observer;
  CHECK(slug_of([&] { observer.choice(q::DType::Int8); }) == "nothing-observed");
  observer.observe(std::vector<float>{0});
  CHECK(std::string(observer.choice(q::DType::Int8)) == "maximum");
  std::mt19937 random(5);
  observer = {};
  observer.observe(observing::values(random, 1, 200000));
  CHECK(std::string(observer.choice(q::DType::Int8)) == "maximum");
  std::vector<float> x = observing::values(random, 1, 200000);
  for (const auto& [outliers, name] :
       {std::pair{1, "percentile 99.999"}, {12, "percentile 99.99"}, {150, "percentile 99.9"}}) {
    for (int i = 0; i < outliers; ++i) x[static_cast<std::size_t>(i)] = 3;
    observer = {};
    observer.observe(x);
    CHECK(std::string(observer.choice(q::DType::Int4)) == name);
  }
}

TEST_CASE("observers of least error keep the rules of all observers") {
  observing::check_refuses_bad_input<q::MSEObserver>();
  observing::check_refuses_bad_input<q::MixObserver>();
  observing::check_says_what_it_cannot_answer<q::MSEObserver>();
  observing::check_says_what_it_cannot_answer<q::MixObserver>();
  observing::check_takes_any_finite_values<q::MSEObserver>();
  observing::check_takes_any_finite_values<q::MixObserver>();
  observing::check_takes_any_tensor<q::MSEObserver>();
  observing::check_takes_any_tensor<q::MixObserver>();
  observing::check_round_trips<q::MSEObserver>();
  observing::check_round_trips<q::MixObserver>();
  observing::check_refuses_states_of_another_size<q::MSEObserver>();
}

TEST_CASE("observers of least error merge exactly") {
  observing::check_merges_exactly<q::MSEObserver>();
  observing::check_merges_exactly<q::MixObserver>();
}
