// SPDX-License-Identifier: Apache-2.0
// HistogramObserver: what it counts and what it refuses. Equality with torch: golden/observers.cpp.
#include <quench/observers/histogram.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

using Torch = q::HistogramObserver<q::TorchRange>;
using Growing = q::HistogramObserver<q::GrowingRange>;
using Fixed = q::HistogramObserver<q::FixedRange<std::ratio<-4>, std::ratio<4>>>;

static_assert(q::StatefulObserver<Torch> && !q::MergeableObserver<Torch>);
static_assert(q::StatefulObserver<Growing> && !q::MergeableObserver<Growing>);
static_assert(q::StatefulObserver<Fixed> && q::MergeableObserver<Fixed>);

namespace {

double sum_of(const q::HistogramCounts& counts) {
  double sum = 0;
  for (const float count : counts) sum += static_cast<double>(count);
  return sum;
}

}  // namespace

TEST_CASE("a range that grows keeps every count") {
  std::mt19937 random(1);
  for (int kind = 0; kind < 5; ++kind)
    for (const float factor : {1.0f, 1.001f, 1.7f, 30.0f, 1e7f, 1e-3f}) {
      Growing observer;
      float scale = 0.1f;
      double values = 0, least = HUGE_VAL, greatest = -HUGE_VAL;
      for (int batch = 0; batch < 5; ++batch, scale *= factor) {
        const std::vector<float> x = observing::values(random, kind, 2000, scale);
        observer.observe(x);
        values += 2000;
        for (const float value : x) {
          least = std::min(least, static_cast<double>(value));
          greatest = std::max(greatest, static_cast<double>(value));
        }
        CHECK(sum_of(observer.counts()) == doctest::Approx(values).epsilon(1e-4));
        CHECK(static_cast<double>(observer.range().min) == least);
        CHECK(static_cast<double>(observer.range().max) >= greatest);
        CHECK(static_cast<double>(observer.range().max) <= greatest + (greatest - least) * 0.05);
      }
      const q::Range searched = q::searched_range(observer.range(), observer.counts(), q::DType::Int8);
      CHECK(observer.scale(q::DType::Int8) == q::scale_from_range(searched, q::DType::Int8));
    }
}

TEST_CASE("equal values are kept when the range grows, unless torch is followed") {
  Growing growing;
  Torch torch;
  for (int i = 0; i < 3; ++i) {
    growing.observe(std::vector<float>(1000, 5.0f));
    torch.observe(std::vector<float>(1000, 5.0f));
  }
  CHECK(growing.scale(q::DType::Int8) == 5 / 127.5f);
  CHECK(torch.scale(q::DType::Int8) == 5 / 127.5f);
  growing.observe(std::vector<float>{0, 1, 2});
  torch.observe(std::vector<float>{0, 1, 2});
  CHECK(growing.range() == q::Range{0, 5});
  CHECK(growing.counts()[2047] == 3000);
  CHECK(sum_of(growing.counts()) == 3003);
  CHECK(torch.range() == q::Range{0, 2});
}

TEST_CASE("torch counts over the range cut to integers") {
  Torch torch;
  torch.observe(std::vector<float>{-0.5f, 0.25f, 0.75f, 1.5f});
  CHECK(torch.range() == q::Range{-0.5f, 1.5f});
  CHECK(torch.counts()[512] == 1);   // a quarter of [0, 1]
  CHECK(torch.counts()[1536] == 1);  // three quarters
  CHECK(sum_of(torch.counts()) == 2);
  Growing growing;
  growing.observe(std::vector<float>{-0.5f, 0.25f, 0.75f, 1.5f});
  CHECK(sum_of(growing.counts()) == 4);
}

TEST_CASE("a fixed range counts what lies outside at its ends") {
  Fixed observer;
  observer.observe(std::vector<float>{-100, -4, -3.999f, 0, 3.999f, 4, 1e38f});
  CHECK(observer.counts()[0] == 3);
  CHECK(observer.counts()[1024] == 1);
  CHECK(observer.counts()[2047] == 3);
  std::mt19937 random(2);
  const std::vector<float> x = observing::values(random, 0, 30000);
  Fixed bell;
  bell.observe(x);
  const auto counts = bell.counts();
  q::HistogramCounts expected{};
  for (const float value : x) ++expected[static_cast<std::size_t>(std::clamp((value + 4) * 256, 0.0f, 2047.0f))];
  CHECK(counts == expected);
  CHECK(bell.scale(q::DType::Int8) ==
        q::scale_from_range(q::searched_range({-4, 4}, counts, q::DType::Int8), q::DType::Int8));
  CHECK(bell.scale(q::DType::Int8) <= 4 / 127.5f);
}

TEST_CASE("histogram observers keep the rules of all observers") {
  observing::check_refuses_bad_input<Torch>();
  observing::check_refuses_bad_input<Growing>();
  observing::check_refuses_bad_input<Fixed>();
  observing::check_says_what_it_cannot_answer<Torch>();
  observing::check_says_what_it_cannot_answer<Growing>();
  observing::check_says_what_it_cannot_answer<Fixed>();
  observing::check_takes_any_finite_values<Torch>(1.02);  // the range grows a little more than the values
  observing::check_takes_any_finite_values<Growing>(1.02);
  observing::check_takes_any_tensor<Torch>();
  observing::check_takes_any_tensor<Growing>();
  observing::check_takes_any_tensor<Fixed>();
  observing::check_round_trips<Torch>();
  observing::check_round_trips<Growing>();
  observing::check_round_trips<Fixed>();
}

TEST_CASE("a histogram over a fixed range merges exactly") { observing::check_merges_exactly<Fixed>(); }

TEST_CASE("histogram observers refuse states that no values lead to") {
  observing::check_refuses_states_of_another_size<Torch>();
  observing::check_refuses_states_of_another_size<Fixed>();
  observing::check_refuses_bad_states<Torch>(2050);
  observing::check_refuses_bad_states<Fixed>(2050);
  std::vector<double> empty = Fixed{}.state(), one = empty;
  empty[100] = 1;         // a count without a range
  one[0] = one[1] = 0.5;  // a range without a count
  CHECK(slug_of([&] { Fixed{}.load(empty); }) == "state-not-valid");
  CHECK(slug_of([&] { Fixed{}.load(one); }) == "state-not-valid");
  CHECK(slug_of([&] { Torch{}.load(empty); }) == "state-not-valid");
}
