// SPDX-License-Identifier: Apache-2.0
// Clipped ranges against clipping and against mean and spread in long double.
#include <quench/observers/clip.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

using Clip6 = q::ClipObserver<std::ratio<-6>, std::ratio<6>>;
using ClipOneSided = q::ClipObserver<std::ratio<0>, std::ratio<5, 2>>;

static_assert(q::MergeableObserver<Clip6>);
static_assert(q::StatefulObserver<q::ClipStdObserver<>> && !q::MergeableObserver<q::ClipStdObserver<>>);

namespace {

struct Expected {
  double min, max;
};

Expected mean_and_spread(const std::vector<float>& x, double deviations) {
  long double sum = 0, squares = 0;
  for (const float value : x) sum += static_cast<long double>(value);
  const long double mean = sum / static_cast<long double>(x.size());
  for (const float value : x)
    squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
  const long double spread = deviations * std::sqrt(squares / static_cast<long double>(x.size()));
  const auto [least, greatest] = std::minmax_element(x.begin(), x.end());
  return {std::max(static_cast<double>(*least), static_cast<double>(mean - spread)),
          std::min(static_cast<double>(*greatest), static_cast<double>(mean + spread))};
}

template <class Deviations>
void check_spread(const std::vector<std::vector<float>>& batches) {
  q::ClipStdObserver<Deviations> observer;
  std::vector<float> all;
  for (const std::vector<float>& x : batches) {
    observer.observe(x);
    all.insert(all.end(), x.begin(), x.end());
  }
  const Expected expected = mean_and_spread(all, static_cast<double>(Deviations::num) / Deviations::den);
  const q::Range found = observer.range();
  const double size = std::max(std::abs(expected.min), std::abs(expected.max));
  CHECK(std::abs(static_cast<double>(found.min) - expected.min) <= 1e-7 * size);
  CHECK(std::abs(static_cast<double>(found.max) - expected.max) <= 1e-7 * size);
  CHECK(observer.scale(q::DType::Int8) == q::scale_from_range(found, q::DType::Int8));
}

}  // namespace

TEST_CASE("a clipped range is the range of the clipped values") {
  std::mt19937 random(1);
  for (int kind = 0; kind < observing::kinds; ++kind)
    for (const float scale : {0.5f, 3.0f, 40.0f}) {
      const std::vector<float> x = observing::values(random, kind, 500, scale);
      q::Range six{6, -6}, one_sided{2.5f, 0};
      for (const float value : x) {
        six = {std::min(six.min, std::clamp(value, -6.0f, 6.0f)), std::max(six.max, std::clamp(value, -6.0f, 6.0f))};
        one_sided = {std::min(one_sided.min, std::clamp(value, 0.0f, 2.5f)),
                     std::max(one_sided.max, std::clamp(value, 0.0f, 2.5f))};
      }
      Clip6 clip;
      ClipOneSided clip_one_sided;
      for (std::size_t first = 0; first < x.size(); first += 100) {
        clip.observe(std::span<const float>(x).subspan(first, 100));
        clip_one_sided.observe(std::span<const float>(x).subspan(first, 100));
      }
      CHECK(clip.range() == six);
      CHECK(clip.scale(q::DType::Int8) == q::scale_from_range(six, q::DType::Int8));
      CHECK(clip_one_sided.range() == one_sided);
    }
}

TEST_CASE("values beyond the bound on one side only leave the bound") {
  Clip6 clip;
  clip.observe(std::vector<float>{100, 200});
  CHECK(clip.range() == q::Range{6, 6});
  ClipOneSided nothing_left;
  nothing_left.observe(std::vector<float>{-3, -1});
  CHECK(nothing_left.range() == q::Range{0, 0});
  CHECK(slug_of([&] { nothing_left.scale(q::DType::Int8); }) == "only-zeros-observed");
}

TEST_CASE("mean and spread are those of all values") {
  std::mt19937 random(2);
  for (int kind = 0; kind < observing::kinds; ++kind) {
    std::vector<std::vector<float>> batches;
    for (const std::size_t size : {1u, 17u, 5000u, 3u}) batches.push_back(observing::values(random, kind, size, 2));
    check_spread<std::ratio<3>>(batches);
    check_spread<std::ratio<5, 4>>(batches);
    check_spread<std::ratio<3>>({batches[2]});
  }
}

TEST_CASE("a spread survives a mean that is far larger") {
  std::mt19937 random(3);
  std::vector<std::vector<float>> batches;
  for (int i = 0; i < 50; ++i) {
    batches.push_back(observing::values(random, 0, 1000));
    for (float& value : batches.back()) value += 1e6f;
  }
  q::ClipStdObserver<std::ratio<1>> observer;
  std::vector<float> all;
  for (const std::vector<float>& x : batches) {
    observer.observe(x);
    all.insert(all.end(), x.begin(), x.end());
  }
  long double mean = 0, squares = 0;
  for (const float value : all) mean += static_cast<long double>(value) / static_cast<long double>(all.size());
  for (const float value : all)
    squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
  CHECK(observer.state()[2] == doctest::Approx(static_cast<double>(squares)).epsilon(1e-9));
  check_spread<std::ratio<1>>(batches);
}

TEST_CASE("equal values have no spread") {
  q::ClipStdObserver<> observer;
  for (int i = 0; i < 10; ++i) observer.observe(std::vector<float>(1003, 0.1f));
  CHECK(observer.range() == q::Range{0.1f, 0.1f});
  q::ClipStdObserver<> copy;
  copy.load(observer.state());  // whose mean is not beyond its range
  CHECK(copy.range() == q::Range{0.1f, 0.1f});
}

TEST_CASE("clip observers keep the rules of all observers") {
  observing::check_refuses_bad_input<Clip6>();
  observing::check_refuses_bad_input<q::ClipStdObserver<>>();
  observing::check_says_what_it_cannot_answer<Clip6>();
  observing::check_says_what_it_cannot_answer<q::ClipStdObserver<>>();
  observing::check_takes_any_finite_values<q::ClipStdObserver<>>();
  observing::check_takes_any_tensor<Clip6>();
  observing::check_takes_any_tensor<q::ClipStdObserver<>>();
  observing::check_round_trips<Clip6>();
  observing::check_round_trips<q::ClipStdObserver<>>();
  observing::check_merges_exactly<Clip6>();
}

TEST_CASE("clip observers refuse states that no values lead to") {
  observing::check_refuses_states_of_another_size<Clip6>();
  observing::check_refuses_bad_states<Clip6>(2);
  observing::check_refuses_states_of_another_size<q::ClipStdObserver<>>();
  q::ClipStdObserver<> observer;
  observer.observe(std::vector<float>{1, 2, 4});
  for (const std::vector<double>& bad :
       std::vector<std::vector<double>>{{2.5, 2, 1, 1, 4},                  // half a value
                                        {0, 2, 1, 1, 4},                    // none, yet a range
                                        {3, 5, 1, 1, 4},                    // a mean outside the range
                                        {3, 2, -1, 1, 4},                   // a negative square
                                        {3, 2, HUGE_VAL, 1, 4},             //
                                        {3, std::nan(""), 1, 1, 4},         //
                                        {3, 2, 1, 4, 1},                    // a range upside down
                                        {1e300, 2, 1, 1, 4},                //
                                        {3, 2, 1, HUGE_VAL, -HUGE_VAL}}) {  // values, yet no range
    observing::check_refused("state-not-valid", observer, [&](auto& o) { o.load(bad); });
  }
}
