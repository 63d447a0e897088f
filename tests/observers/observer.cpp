// SPDX-License-Identifier: Apache-2.0
// What an observer is, what values it may see, and what a saved state may hold.
#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

#include "observers/observing.hpp"

namespace q = quench;

namespace {

struct Minimal {
  void observe(std::span<const float> x) { last = x.back(); }
  float scale(q::DType) const { return last; }
  float last = 0;
};
struct WithState : Minimal {
  std::vector<double> state() const { return {}; }
  void load(std::span<const double>) {}
};
struct Merging : Minimal {
  void merge(const Merging&) {}
};
struct LikeMerging : Merging {};
struct ObservesAnew : Merging {
  void observe(std::span<const float> x) { last += x.back(); }
};
struct MergesAnew : ObservesAnew {
  void merge(const MergesAnew&) {}
};
struct NoScale {
  void observe(std::span<const float>) {}
};
struct DoubleScale : NoScale {
  double scale(q::DType) const { return 1; }
};
struct ScaleThatChanges : NoScale {
  float scale(q::DType) { return 1; }
};
struct NeedsSettings : Minimal {
  explicit NeedsSettings(int) {}
};

static_assert(q::Observer<Minimal> && !q::StatefulObserver<Minimal> && !q::MergeableObserver<Minimal>);
static_assert(q::StatefulObserver<WithState> && !q::MergeableObserver<WithState>);
static_assert(q::MergeableObserver<Merging> && !q::StatefulObserver<Merging>);
static_assert(q::MergeableObserver<LikeMerging> && !q::MergeableObserver<ObservesAnew>);
static_assert(q::MergeableObserver<MergesAnew>);
static_assert(!q::Observer<NoScale> && !q::Observer<DoubleScale> && !q::Observer<ScaleThatChanges>);
static_assert(!q::Observer<NeedsSettings> && !q::Observer<int>);

std::string evidence_of(const std::vector<float>& x) {
  try {
    q::finite_range(x);
  } catch (const q::Error& error) {
    return error.evidence();
  }
  return "";
}

}  // namespace

TEST_CASE("the range of finite values is that of a search one by one") {
  std::mt19937 random(1);
  for (int kind = 0; kind < observing::kinds; ++kind)
    for (const std::size_t size : {1u, 2u, 63u, 64u, 65u, 1000u}) {
      const std::vector<float> x = observing::values(random, kind, size, kind == 1 ? 3e38f : 1);
      const auto [least, greatest] = std::minmax_element(x.begin(), x.end());
      CHECK(q::finite_range(x) == q::Range{*least, *greatest});
    }
}

TEST_CASE("no values have no range") {
  CHECK(slug_of([] { q::finite_range({}); }) == "empty-input");
}

TEST_CASE("the first value that is not finite is named, wherever it stands") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const std::size_t size : {1u, 5u, 64u, 200u})
    for (std::size_t at = 0; at < size; ++at)
      for (const float bad : {std::nanf(""), -std::nanf(""), infinity, -infinity}) {
        std::vector<float> x(size, 1.5f);
        x[at] = bad;
        x.back() = at + 1 < size && at % 2 == 0 ? infinity : x.back();
        CHECK(slug_of([&] { q::finite_range(x); }) == "value-not-finite");
        CHECK(evidence_of(x).starts_with("element " + std::to_string(at) + " is "));
      }
}

TEST_CASE("a saved number has to be a float, a saved range a range") {
  CHECK(q::observers::loaded_float(0.5) == 0.5f);
  CHECK(q::observers::loaded_float(HUGE_VAL) == std::numeric_limits<float>::infinity());
  for (const double bad : {0.1, 1e300, 1e-300, 16777217.0, std::nan("")})
    CHECK(slug_of([=] { q::observers::loaded_float(bad); }) == "state-not-valid");
  const auto loaded = [](std::vector<double> state) { return q::detail::loaded_range(state); };
  CHECK(loaded({-1, 2}) == q::Range{-1, 2});
  CHECK(loaded({3, 3}) == q::Range{3, 3});
  CHECK(loaded({HUGE_VAL, -HUGE_VAL}) == q::detail::empty_range);
  for (const std::vector<double>& bad : std::vector<std::vector<double>>{
           {}, {1}, {1, 2, 3}, {2, 1}, {-HUGE_VAL, HUGE_VAL}, {-HUGE_VAL, 1}, {1, HUGE_VAL}, {HUGE_VAL, HUGE_VAL}})
    CHECK(slug_of([&] { loaded(bad); }) == "state-not-valid");
}
