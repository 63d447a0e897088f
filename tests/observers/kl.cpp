// SPDX-License-Identifier: Apache-2.0
// The threshold of least divergence against the distributions written out.
#include <quench/observers/kl.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

namespace {

double divergence(const std::vector<double>& counts, std::size_t bins, std::size_t levels) {
  std::vector<double> p(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(bins)), quantized(bins);
  std::vector<double> sums(levels), held(levels);
  for (std::size_t j = 0; j < bins; ++j) {
    sums[j * levels / bins] += p[j];
    held[j * levels / bins] += p[j] > 0 ? 1 : 0;
  }
  for (std::size_t j = 0; j < bins; ++j)
    if (p[j] > 0) quantized[j] = sums[j * levels / bins] / held[j * levels / bins];
  for (std::size_t j = bins; j < counts.size(); ++j) p[bins - 1] += counts[j];
  double sum_p = 0, sum_q = 0, divergence = 0;
  for (std::size_t j = 0; j < bins; ++j) {
    sum_p += p[j];
    sum_q += quantized[j];
  }
  for (std::size_t j = 0; j < bins; ++j) {
    if (p[j] == 0) continue;
    if (quantized[j] == 0) return HUGE_VAL;
    divergence += p[j] / sum_p * std::log((p[j] / sum_p) / (quantized[j] / sum_q));
  }
  return divergence;
}

double threshold(const std::vector<float>& x, std::size_t levels) {
  double largest = 0, top = 0x1p-24;
  for (const float value : x) largest = std::max(largest, std::abs(static_cast<double>(value)));
  while (top <= largest) top *= 2;
  const double width = top / 4096;
  std::vector<double> counts(static_cast<std::size_t>(largest / width) + 1);
  for (const float value : x)
    if (value != 0) ++counts[static_cast<std::size_t>(std::abs(static_cast<double>(value)) / width)];
  std::vector<double> divergences;
  double least = HUGE_VAL;
  for (std::size_t bins = levels; bins <= counts.size(); ++bins) {
    divergences.push_back(divergence(counts, bins, levels));
    least = std::min(least, divergences.back());
  }
  for (std::size_t bins = counts.size();; --bins)
    if (divergences[bins - levels] <= least + 1e-9) return std::min((static_cast<double>(bins) + 0.5) * width, largest);
}

}  // namespace

TEST_CASE("KLObserver finds the threshold of the written-out search") {
  std::mt19937 random(1);
  for (int kind = 0; kind < 5; ++kind)
    for (const std::size_t size : {50u, 3000u}) {
      std::vector<float> x = observing::values(random, kind, size, 1.7f);
      x[0] = 11;
      q::KLObserver observer;
      observer.observe(std::span<const float>(x).first(20));
      observer.observe(std::span<const float>(x).subspan(20));
      CAPTURE(kind);
      CAPTURE(size);
      CHECK(static_cast<double>(observer.magnitude(q::DType::Int8)) ==
            doctest::Approx(threshold(x, 128)).epsilon(1e-7));
      CHECK(static_cast<double>(observer.magnitude(q::DType::Int4)) == doctest::Approx(threshold(x, 8)).epsilon(1e-7));
    }
}

TEST_CASE("KLObserver saturates a long thin tail, and covers even values whole") {
  std::mt19937 random(2);
  q::KLObserver tail, even;
  std::vector<float> x = observing::values(random, 0, 200000);
  x[7] = 60;
  tail.observe(x);
  CHECK(tail.magnitude(q::DType::Int8) < 6);
  CHECK(tail.magnitude(q::DType::Int8) > 2);
  even.observe(observing::values(random, 1, 200000));
  CHECK(even.magnitude(q::DType::Int8) > 0.99f);
}

TEST_CASE("KLObserver finds its threshold whatever the outlier") {
  std::mt19937 random(4);
  for (const int kind : {0, 1}) {
    std::vector<float> x = observing::values(random, kind, 200000);
    q::KLObserver without;
    without.observe(x);
    const auto expected = static_cast<double>(without.magnitude(q::DType::Int8));
    for (const float outlier : {40.0f, 1e3f, 1e6f, 1e9f, 3e38f}) {
      for (std::size_t i = 0; i < 15; ++i) x[i * 777] = outlier;
      q::KLObserver with;
      with.observe(x);
      CAPTURE(outlier);
      CHECK(static_cast<double>(with.magnitude(q::DType::Int8)) == doctest::Approx(expected).epsilon(0.25));
    }
  }
}

TEST_CASE("zeros do not move the threshold") {
  std::mt19937 random(3);
  std::vector<float> x = observing::values(random, 2, 5000);
  q::KLObserver without, with;
  without.observe(x);
  x.insert(x.end(), 100000, 0.0f);
  with.observe(x);
  CHECK(with.magnitude(q::DType::Int8) == without.magnitude(q::DType::Int8));
}

TEST_CASE("where all candidates are equal the largest magnitude is covered") {
  q::KLObserver one, two, int16;
  one.observe(std::vector<float>(100, 3.25f));
  CHECK(one.magnitude(q::DType::Int8) == 3.25f);
  two.observe(std::vector<float>{40, 40, 40, -100});
  CHECK(two.magnitude(q::DType::Int8) == 100);
  int16.observe(std::vector<float>{1, 2, 3, -100, 7});
  CHECK(int16.magnitude(q::DType::Int16) == 100);
}

TEST_CASE("KLObserver keeps the rules of all observers") {
  observing::check_refuses_bad_input<q::KLObserver>();
  observing::check_says_what_it_cannot_answer<q::KLObserver>();
  observing::check_takes_any_finite_values<q::KLObserver>();
  observing::check_takes_any_tensor<q::KLObserver>();
  observing::check_round_trips<q::KLObserver>();
  observing::check_refuses_states_of_another_size<q::KLObserver>();
}

TEST_CASE("KLObserver merges exactly") { observing::check_merges_exactly<q::KLObserver>(); }
