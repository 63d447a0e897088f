// SPDX-License-Identifier: Apache-2.0
// Ranges and their moving averages against one value after the other. Equality with torch: golden/observers.cpp.
#include <quench/observers/min_max.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

using Average = q::MovingAverageMinMaxObserver<>;

static_assert(q::MergeableObserver<q::MinMaxObserver>);
static_assert(q::StatefulObserver<Average> && !q::MergeableObserver<Average>);

namespace {

q::Range range_of(const std::vector<float>& x) {
  const auto [least, greatest] = std::minmax_element(x.begin(), x.end());
  return {*least, *greatest};
}

}  // namespace

TEST_CASE("MinMaxObserver covers the least and the greatest of all batches") {
  std::mt19937 random(1);
  for (int kind = 0; kind < observing::kinds; ++kind) {
    q::MinMaxObserver observer;
    std::vector<float> all;
    for (int batch = 0; batch < 20; ++batch) {
      const std::vector<float> x =
          observing::values(random, kind, 1 + random() % 300, static_cast<float>(1 + batch % 7));
      observer.observe(x);
      all.insert(all.end(), x.begin(), x.end());
      CHECK(observer.range() == range_of(all));
      const double magnitude =
          std::max({-static_cast<double>(range_of(all).min), static_cast<double>(range_of(all).max), 0.0});
      if (magnitude < 0.01) continue;
      CHECK(static_cast<double>(observer.scale(q::DType::Int4)) == doctest::Approx(magnitude / 7.5).epsilon(1e-7));
      CHECK(static_cast<double>(observer.scale(q::DType::Int8)) == doctest::Approx(magnitude / 127.5).epsilon(1e-7));
      CHECK(static_cast<double>(observer.scale(q::DType::Int16)) == doctest::Approx(magnitude / 32767.5).epsilon(1e-7));
    }
  }
}

TEST_CASE("a moving average takes the first batch whole and a part of each other") {
  std::mt19937 random(2);
  q::MovingAverageMinMaxObserver<std::ratio<1, 4>> observer;
  Average slow;
  double min = 0, max = 0, slow_min = 0, slow_max = 0;
  for (int batch = 0; batch < 50; ++batch) {
    const std::vector<float> x = observing::values(random, batch % observing::kinds, 200, 3);
    const q::Range range = range_of(x);
    const auto least = static_cast<double>(range.min), greatest = static_cast<double>(range.max);
    min = batch == 0 ? least : min + (least - min) / 4;
    max = batch == 0 ? greatest : max + (greatest - max) / 4;
    slow_min = batch == 0 ? least : slow_min + (least - slow_min) / 100;
    slow_max = batch == 0 ? greatest : slow_max + (greatest - slow_max) / 100;
    observer.observe(x);
    slow.observe(x);
    CHECK(static_cast<double>(observer.range().min) == doctest::Approx(min).epsilon(1e-5));
    CHECK(static_cast<double>(observer.range().max) == doctest::Approx(max).epsilon(1e-5));
    CHECK(static_cast<double>(slow.range().min) == doctest::Approx(slow_min).epsilon(1e-5));
    CHECK(static_cast<double>(slow.range().max) == doctest::Approx(slow_max).epsilon(1e-5));
  }
}

TEST_CASE("with weight 0 the first batch decides, with weight 1 the last") {
  q::MovingAverageMinMaxObserver<std::ratio<0>> first;
  q::MovingAverageMinMaxObserver<std::ratio<1>> last;
  for (const float x : {2.0f, 5.0f, 3.0f}) {
    first.observe(std::vector<float>{-x, x});
    last.observe(std::vector<float>{-x, x});
  }
  CHECK(first.range() == q::Range{-2, 2});
  CHECK(last.range() == q::Range{-3, 3});
}

TEST_CASE("range observers keep the rules of all observers") {
  observing::check_refuses_bad_input<q::MinMaxObserver>();
  observing::check_refuses_bad_input<Average>();
  observing::check_says_what_it_cannot_answer<q::MinMaxObserver>();
  observing::check_says_what_it_cannot_answer<Average>();
  observing::check_takes_any_finite_values<q::MinMaxObserver>();
  observing::check_takes_any_tensor<q::MinMaxObserver>();
  observing::check_takes_any_tensor<Average>();
  observing::check_round_trips<q::MinMaxObserver>();
  observing::check_round_trips<Average>();
  observing::check_refuses_bad_states<q::MinMaxObserver>(2);
  observing::check_refuses_bad_states<Average>(2);
  observing::check_refuses_states_of_another_size<q::MinMaxObserver>();
  observing::check_refuses_states_of_another_size<Average>();
}

TEST_CASE("MinMaxObserver merges exactly") { observing::check_merges_exactly<q::MinMaxObserver>(); }

TEST_CASE("with weight 1 the last batch decides, exactly") {
  q::MovingAverageMinMaxObserver<std::ratio<1>> observer;
  observer.observe(std::vector<float>{2, 1e8f});
  observer.observe(std::vector<float>{3, 3});
  CHECK(observer.range() == q::Range{3, 3});
  observer.observe(std::vector<float>{3e38f});
  observer.observe(std::vector<float>{-3e38f});
  CHECK(observer.range() == q::Range{-3e38f, -3e38f});
}
