// SPDX-License-Identifier: Apache-2.0
// Counts of magnitudes against counting one by one.
#include <quench/observers/magnitude_histogram.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

namespace {

// The upper edge of the last bin, so that rules can be tested without an observer of the library.
struct UpperEdge {
  static float magnitude(const q::MagnitudeHistogram& histogram, q::DType) {
    return static_cast<float>(static_cast<double>(histogram.used_bins()) * histogram.bin_width());
  }
};
using Observer = q::MagnitudeObserver<UpperEdge>;

void check_counts(const q::MagnitudeHistogram& histogram, const std::vector<float>& all) {
  double largest = 0;
  for (const float x : all) largest = std::max(largest, std::abs(static_cast<double>(x)));
  double top = 0x1p-24;
  while (top <= largest) top *= 2;
  std::vector<std::uint64_t> counts(4096);
  std::uint64_t zeros = 0;
  for (const float x : all) {
    if (x == 0)
      ++zeros;
    else
      ++counts[static_cast<std::size_t>(std::floor(std::abs(static_cast<double>(x)) / (top / 4096)))];
  }
  CHECK(std::equal(counts.begin(), counts.end(), histogram.counts().begin(), histogram.counts().end()));
  CHECK(histogram.zeros() == zeros);
  CHECK(histogram.size() == all.size());
  CHECK(static_cast<double>(histogram.maximum()) == largest);
  CHECK(histogram.bin_width() == top / 4096);
  const std::size_t used = histogram.used_bins();
  if (largest > 0) CHECK(histogram.counts()[used - 1] > 0);
  for (std::size_t bin = used; bin < 4096; ++bin) CHECK(histogram.counts()[bin] == 0);
  // Below 2^(k-4) a bin begins at each float whose last 15 bits are 0, from 2^-24 on.
  const double end = top / 16;
  std::vector<std::uint64_t> small(histogram.small_counts().size());
  CHECK(small.size() == (end > 0x1p-24 ? 256 * static_cast<std::size_t>(std::log2(end) + 24) : 0));
  for (const float x : all) {
    const double magnitude = std::abs(static_cast<double>(x));
    if (!(magnitude >= 0x1p-24 && magnitude < end)) continue;
    const double octave = std::floor(std::log2(magnitude));
    ++small[static_cast<std::size_t>(256 * (octave + 24) + std::floor((magnitude / std::exp2(octave) - 1) * 256))];
  }
  CHECK(std::equal(small.begin(), small.end(), histogram.small_counts().begin()));
}

}  // namespace

TEST_CASE("magnitudes are counted as one by one, while the top doubles") {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    q::MagnitudeHistogram histogram;
    std::vector<float> all;
    for (int batch = 0; batch < 5; ++batch) {
      const float scale = std::ldexp(1.0f, static_cast<int>(random() % 50) - 30);
      const std::vector<float> x = observing::values(random, round % observing::kinds, 1 + random() % 9000, scale);
      histogram.add(x);
      all.insert(all.end(), x.begin(), x.end());
    }
    check_counts(histogram, all);
  }
}

TEST_CASE("powers of two, their neighbours, denormals and the largest float fall into the right bins") {
  std::vector<float> all{0, -0.0f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::min()};
  for (int exponent = -30; exponent < 128; exponent += 7) {
    const float power = std::ldexp(1.0f, exponent);
    for (const float x : {power, -power, std::nextafter(power, 0.0f), std::nextafter(power, 1e38f)}) {
      all.push_back(x);
      q::MagnitudeHistogram alone;
      alone.add(std::vector<float>{x});
      check_counts(alone, {x});
      q::MagnitudeHistogram together;
      together.add(all);
      check_counts(together, all);
    }
  }
  all.push_back(std::numeric_limits<float>::max());
  q::MagnitudeHistogram histogram;
  histogram.add(all);
  check_counts(histogram, all);
}

TEST_CASE("a histogram of magnitudes is empty before the first value, and of zeros after zeros") {
  q::MagnitudeHistogram histogram;
  CHECK(histogram.size() == 0);
  check_counts(histogram, {});
  histogram.add(std::vector<float>(100, -0.0f));
  check_counts(histogram, std::vector<float>(100, 0.0f));
}

TEST_CASE("magnitude observers keep the rules of all observers") {
  observing::check_refuses_bad_input<Observer>();
  observing::check_says_what_it_cannot_answer<Observer>();
  observing::check_takes_any_tensor<Observer>();
  observing::check_round_trips<Observer>();
  observing::check_merges_exactly<Observer>();
}

TEST_CASE("a histogram of magnitudes refuses states that no values lead to") {
  observing::check_refuses_bad_states<Observer>(4098);
  observing::check_refuses_states_of_another_size<Observer>();
  Observer observer;
  observer.observe(std::vector<float>{1, 2, 0.25f});
  const std::vector<double> good = observer.state();
  const auto refused = [&](auto change) {
    std::vector<double> state = good;
    change(state);
    observing::check_refused("state-not-valid", observer, [&](Observer& o) { o.load(state); });
  };
  refused([](auto& state) { state[0] = 3.5; });           // no value in the bin of the largest magnitude
  refused([](auto& state) { state[2 + 4095] = 1; });      // a value above the largest magnitude
  refused([](auto& state) { state[0] = 0; });             // only zeros, yet counts
  refused([](auto& state) { state[5] = 0.5; });           // half a value
  refused([](auto& state) { state[1] = 0x1p53; });        // too many in all
  refused([](auto& state) { state[0] = 2.0000000001; });  // no float
}

TEST_CASE("states whose finer bins do not fit the equal ones are refused") {
  Observer observer;
  observer.observe(std::vector<float>{100, 1, 1.5f, 1e-3f, 1e-9f, 0});
  const std::vector<double> good = observer.state();
  REQUIRE(good.size() == 4098 + 2 * 4);
  CHECK(good[4098] == 0);  // 1e-9, which is below 2^-24
  CHECK(good[4102] == 1);
  CHECK(good[4103] == 1);
  for (std::size_t at = 4098; at < good.size(); ++at)
    for (const double bad : {std::nan(""), HUGE_VAL, -1.0, 0.5, 7.0, 1e300}) {
      std::vector<double> state = good;
      state[at] = bad;
      observing::check_refused("state-not-valid", observer, [&](Observer& o) { o.load(state); });
    }
  const auto refused = [&](auto change) {
    std::vector<double> state = good;
    change(state);
    observing::check_refused("state-not-valid", observer, [&](Observer& o) { o.load(state); });
  };
  refused([](auto& state) { state.resize(4098); });                     // as files of 0.3 are
  refused([](auto& state) { state.resize(state.size() - 2); });         // one lacks
  refused([](auto& state) { state.insert(state.end(), {2.0, 1.0}); });  // one too many
  refused([](auto& state) { state.insert(state.end(), {2.0, 0.0}); });  // an empty one
  refused([](auto& state) { std::swap(state[4102], state[4104]); });    // not in order
  refused([](auto& state) {
    state[4102] = 1.00390625;
    state[4104] = 1;
  });  // the wrong order of neighbours
}

TEST_CASE("a histogram that was moved from can still be used") {
  q::MagnitudeHistogram histogram;
  histogram.add(std::vector<float>{1, 2});
  const q::MagnitudeHistogram moved = std::move(histogram);
  histogram.add(std::vector<float>{3});
  CHECK(histogram.maximum() == 3);
  CHECK(moved.maximum() == 2);
}
