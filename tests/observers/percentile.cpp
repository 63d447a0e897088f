// SPDX-License-Identifier: Apache-2.0
// Percentiles of magnitudes against sorting.
#include <quench/observers/percentile.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

namespace {

using P999 = std::ratio<999, 1000>;
using Median = std::ratio<1, 2>;

std::vector<double> sorted_magnitudes(const std::vector<float>& x) {
  std::vector<double> magnitudes;
  for (const float value : x) magnitudes.push_back(std::abs(static_cast<double>(value)));
  std::sort(magnitudes.begin(), magnitudes.end());
  return magnitudes;
}

// The scale of a percentile, or the slug of the error.
template <class O>
void check_against_sorting(const std::vector<float>& x, double fraction) {
  O observer;
  observer.observe(x);
  const std::vector<double> sorted = sorted_magnitudes(x);
  if (sorted.back() == 0) return;
  const auto rank = static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(sorted.size()) - 1e-9));
  const double expected = sorted[rank - 1] == 0 ? sorted.back() : sorted[rank - 1];
  const auto found = static_cast<double>(observer.magnitude(q::DType::Int8));
  CAPTURE(x.size());
  CHECK(std::abs(found - expected) <= std::min(sorted.back() / 2048, expected / 256));
  CHECK(found <= sorted.back());
}

template <class O>
void check_exactly(const std::vector<float>& x, double fraction) {
  O observer;
  observer.observe(x);
  const std::vector<double> sorted = sorted_magnitudes(x);
  const double place = static_cast<double>(sorted.size() - 1) * fraction;
  const auto lower = static_cast<std::size_t>(place);
  const double a = sorted[lower], b = sorted[std::min(lower + 1, sorted.size() - 1)];
  const double expected = a + (b - a) * (place - static_cast<double>(lower));
  const auto found = static_cast<double>(observer.magnitude());
  if (static_cast<float>(expected) == 0)
    CHECK(found == sorted.back());
  else
    CHECK(found == doctest::Approx(expected).epsilon(1e-7));
}

}  // namespace

TEST_CASE("a percentile of a histogram is that of the sorted magnitudes within one bin") {
  std::mt19937 random(1);
  for (int kind = 0; kind < observing::kinds; ++kind)
    for (const std::size_t size : {1u, 2u, 9u, 1000u, 10000u, 50000u}) {
      const std::vector<float> x = observing::values(random, kind, size, 2.5f);
      check_against_sorting<q::PercentileObserver<>>(x, 0.9999);
      check_against_sorting<q::PercentileObserver<P999>>(x, 0.999);
      check_against_sorting<q::PercentileObserver<Median>>(x, 0.5);
      check_against_sorting<q::PercentileObserver<std::ratio<1>>>(x, 1);
    }
}

TEST_CASE("an exact percentile is that of the sorted magnitudes") {
  std::mt19937 random(2);
  for (int kind = 0; kind < observing::kinds; ++kind)
    for (const std::size_t size : {1u, 2u, 9u, 1000u, 10000u, 50000u}) {
      const std::vector<float> x = observing::values(random, kind, size, 2.5f);
      check_exactly<q::ExactPercentileObserver<>>(x, 0.9999);
      check_exactly<q::ExactPercentileObserver<P999>>(x, 0.999);
      check_exactly<q::ExactPercentileObserver<Median>>(x, 0.5);
      check_exactly<q::ExactPercentileObserver<std::ratio<1>>>(x, 1);
    }
}

TEST_CASE("a percentile is right whatever the outlier, in whatever order the values come") {
  std::mt19937 random(7);
  for (const float outlier : {1e2f, 1e4f, 1e6f, 1e9f, 3e38f})
    for (const float size : {1.0f, 1e-3f, 30.0f}) {
      std::vector<float> x = observing::values(random, 1, 100000, size);
      const double expected = sorted_magnitudes(x)[99899];
      x[random() % x.size()] = -outlier;
      q::PercentileObserver<P999> observer, other, merged;
      observer.observe(x);
      other.observe(std::span<const float>(x).first(60001));
      merged.observe(std::span<const float>(x).subspan(60001));
      merged.merge(other);
      CAPTURE(outlier);
      CHECK(static_cast<double>(observer.magnitude(q::DType::Int8)) == doctest::Approx(expected).epsilon(0.005));
      CHECK(merged.state() == observer.state());
      q::PercentileObserver<P999> loaded;
      loaded.load(observer.state());
      CHECK(loaded.magnitude(q::DType::Int8) == observer.magnitude(q::DType::Int8));
    }
}

TEST_CASE("a percentile leaves one outlier in a hundred thousand out") {
  std::vector<float> x(100000, 0.5f);
  x[777] = -60;
  q::PercentileObserver<> from_histogram;
  q::ExactPercentileObserver<> exact;
  from_histogram.observe(x);
  exact.observe(x);
  CHECK(from_histogram.scale(q::DType::Int8) < 0.54f / 127.5f);
  CHECK(exact.scale(q::DType::Int8) == 0.5f / 127.5f);
}

TEST_CASE("a percentile counts zeros, and covers everything where it is zero") {
  std::vector<float> x(30000, 0.0f);
  for (std::size_t i = 0; i < 4; ++i) x[i] = 1.0f + static_cast<float>(i);
  q::PercentileObserver<> few;
  q::ExactPercentileObserver<> few_exact;
  few.observe(x);
  few_exact.observe(x);
  CHECK(few.magnitude(q::DType::Int8) == doctest::Approx(1).epsilon(0.001));
  CHECK(few_exact.magnitude() < 2);
  x.resize(60000, 0.0f);
  few.observe(x);
  few_exact.observe(x);
  CHECK(few.magnitude(q::DType::Int8) == 4);
  CHECK(few_exact.magnitude() == 4);
}

TEST_CASE("percentile observers keep the rules of all observers") {
  observing::check_refuses_bad_input<q::PercentileObserver<>>();
  observing::check_refuses_bad_input<q::ExactPercentileObserver<>>();
  observing::check_says_what_it_cannot_answer<q::PercentileObserver<>>();
  observing::check_says_what_it_cannot_answer<q::ExactPercentileObserver<>>();
  observing::check_takes_any_finite_values<q::PercentileObserver<>>();
  observing::check_takes_any_finite_values<q::ExactPercentileObserver<>>();
  observing::check_takes_any_tensor<q::PercentileObserver<>>();
  observing::check_takes_any_tensor<q::ExactPercentileObserver<>>();
  observing::check_round_trips<q::PercentileObserver<>>();
  observing::check_round_trips<q::ExactPercentileObserver<>>();
}

TEST_CASE("percentile observers merge exactly") {
  observing::check_merges_exactly<q::PercentileObserver<>>();
  observing::check_merges_exactly<q::ExactPercentileObserver<>>();
}

TEST_CASE("an exact percentile refuses magnitudes that are none") {
  observing::check_refuses_bad_states<q::ExactPercentileObserver<>>(4);
  q::ExactPercentileObserver<> observer;
  CHECK(slug_of([&] { observer.load(std::vector<double>{1, -1}); }) == "state-not-valid");
  CHECK(slug_of([&] { observer.load(std::vector<double>{0.1}); }) == "state-not-valid");  // no float
}
