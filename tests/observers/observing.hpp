// SPDX-License-Identifier: Apache-2.0
// What holds for every observer, as checks on a type.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <quench/observers/observer.hpp>
#include <quench/tensors/error.hpp>
#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/views/xstrided_view.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xview.hpp>
#endif

#include "tensors/throws.hpp"

namespace observing {

namespace q = quench;

inline constexpr q::DType dtypes[] = {q::DType::Int4, q::DType::Int8, q::DType::Int16};

/// Values of a kind: 0 normal, 1 even, 2 heavy-tailed, 3 one-sided with zeros, 4 few values, 5 of every exponent.
inline std::vector<float> values(std::mt19937& random, int kind, std::size_t size, float scale = 1) {
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> even(-1, 1);
  std::vector<float> x(size);
  for (float& value : x) {
    switch (kind) {
      case 0: value = normal(random); break;
      case 1: value = even(random); break;
      case 2: value = normal(random) / (0.01f + std::abs(even(random))); break;
      case 3: value = std::max(0.0f, normal(random)); break;
      case 4: value = static_cast<float>(random() % 5) - 2; break;
      default: value = std::ldexp(even(random), static_cast<int>(random() % 60) - 30); break;
    }
    value *= scale;
  }
  return x;
}

inline constexpr int kinds = 6;

/// What `f` does to an observer that has seen something: an error of this slug, and no change of the state.
template <class O, class F>
void check_refused(const char* slug, O observer, F&& f) {
  const std::vector<double> before = observer.state();
  CHECK(slug_of([&] { f(observer); }) == slug);
  CHECK(observer.state() == before);
}

template <class O>
void check_refuses_bad_input() {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const bool has_seen : {false, true}) {
    O observer;
    if (has_seen) observer.observe(std::vector<float>{1, -2, 3.5f});
    check_refused("empty-input", observer, [](O& o) { o.observe(std::vector<float>{}); });
    check_refused("empty-input", observer, [](O& o) { o.observe(xt::xtensor<float, 2>::from_shape({0, 3})); });
    for (const float bad : {std::nanf(""), -std::nanf(""), infinity, -infinity})
      for (const std::size_t size : {1u, 2u, 63u, 64u, 65u, 5000u})
        for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
          std::vector<float> x(size, 100.0f);
          x[at] = bad;
          check_refused("value-not-finite", observer, [&](O& o) { o.observe(x); });
        }
  }
}

template <class O>
void check_says_what_it_cannot_answer() {
  for (const q::DType dtype : dtypes) {
    check_refused("nothing-observed", O{}, [=](O& o) { o.scale(dtype); });
    O zeros;
    zeros.observe(std::vector<float>{0, -0.0f, 0});
    check_refused("only-zeros-observed", zeros, [=](O& o) { o.scale(dtype); });
    O tiny;
    tiny.observe(std::vector<float>{1e-45f, -1e-39f, 1e-30f});
    check_refused("scale-underflow", tiny, [=](O& o) { o.scale(dtype); });
  }
}

/// Any finite values have a scale that covers at most about the largest magnitude.
template <class O>
void check_takes_any_finite_values(double most = 1.001) {
  std::mt19937 random(3);
  const float largest = std::numeric_limits<float>::max();
  std::vector<std::vector<float>> tensors{
      {1}, {-1}, {0, 1}, {largest}, {-largest, largest}, {1e38f, -3e38f, 1e-45f}, {0.001f, 1e38f}, {-0.0f, 5}};
  for (const float scale : {1e-3f, 1.0f, 1e30f, 1e37f}) tensors.push_back(values(random, 1, 5000, scale));
  for (const std::vector<float>& x : tensors) {
    double magnitude = 0;
    for (const float value : x) magnitude = std::max(magnitude, std::abs(static_cast<double>(value)));
    CAPTURE(magnitude);
    O observer;
    observer.observe(x);
    const float scale = observer.scale(q::DType::Int8);
    CHECK(scale >= q::smallest_scale);
    CHECK(static_cast<double>(scale) * 127.5 <= magnitude * most);
    observer.observe(x);
    CHECK(static_cast<double>(observer.scale(q::DType::Int8)) * 127.5 <= magnitude * most);
  }
}

template <class O>
void check_takes_any_tensor() {
  xt::xtensor<float, 3> tensor = xt::xtensor<float, 3>::from_shape({4, 5, 6});
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = std::sin(static_cast<float>(i)) * 3;
  const auto observed = [](const auto& x) {
    O observer;
    observer.observe(x);
    return observer.state();
  };
  const std::vector<float> flat(tensor.begin(), tensor.end());
  const std::vector<double> expected = observed(flat);
  CHECK(observed(std::span<const float>(flat)) == expected);
  CHECK(observed(tensor) == expected);
  CHECK(observed(xt::xarray<float>(tensor)) == expected);
  CHECK(observed(xt::xtensor<double, 3>(tensor)) == expected);
  CHECK(observed(tensor * 2.0f / 2.0f) == expected);
  std::vector<float> strided;
  for (std::size_t i = 0; i < flat.size(); i += 2) strided.push_back(flat[i]);
  CHECK(observed(xt::view(tensor, xt::all(), xt::all(), xt::range(0, 6, 2))) == observed(strided));
  std::vector<float> column;
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t k = 0; k < 6; ++k) column.push_back(tensor(i, 3, k));
  CHECK(observed(xt::view(tensor, xt::all(), 3, xt::all())) == observed(column));
}

template <class O>
void check_round_trips() {
  static_assert(q::StatefulObserver<O>);
  std::mt19937 random(4);
  for (int kind = 0; kind < kinds; ++kind) {
    O observer, copy, empty;
    copy.load(empty.state());
    CHECK(copy.state() == empty.state());
    observer.observe(values(random, kind, 3000));
    observer.observe(values(random, kind, 100, 3));
    copy.load(observer.state());
    CHECK(copy.state() == observer.state());
    for (const q::DType dtype : dtypes) CHECK(copy.scale(dtype) == observer.scale(dtype));
    const std::vector<float> more = values(random, kind, 500, 5);
    observer.observe(more);
    copy.observe(more);
    CHECK(copy.state() == observer.state());
    copy.load(empty.state());
    CHECK(copy.state() == empty.state());
    observer.reset();
    CHECK(observer.state() == empty.state());
  }
}

/// Every number of a state replaced by what no state holds; the first `numbers` of them.
template <class O>
void check_refuses_bad_states(std::size_t numbers) {
  O observer;
  observer.observe(std::vector<float>{1, -2, 3.5f, 0});
  const std::vector<double> good = observer.state();
  REQUIRE(good.size() >= numbers);
  // Bins are alike: the first and the last numbers, and one in 31 between them.
  for (std::size_t at = 0; at < numbers; at += at < 16 || at + 47 > numbers ? 1 : 31)
    for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e300, -1e300, 1e-300}) {
      std::vector<double> state = good;
      state[at] = bad;
      CAPTURE(at);
      CAPTURE(bad);
      check_refused("state-not-valid", observer, [&](O& o) { o.load(state); });
    }
}

template <class O>
void check_refuses_states_of_another_size() {
  O observer;
  observer.observe(std::vector<float>{1, -2, 3.5f});
  std::vector<double> state = observer.state();
  state.push_back(0);
  check_refused("state-not-valid", observer, [&](O& o) { o.load(state); });
  state.resize(state.size() - 2);
  check_refused("state-not-valid", observer, [&](O& o) { o.load(state); });
  check_refused("state-not-valid", observer, [&](O& o) { o.load({}); });
}

/// Values cut into batches in any way, in any order, handed to any number of observers: one state.
template <class O>
void check_merges_exactly() {
  static_assert(q::MergeableObserver<O>);
  std::random_device device;
  const std::uint32_t seed = device();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 12; ++round) {
    std::vector<float> all;
    for (int part = 0; part < 4; ++part) {
      const float scale = std::ldexp(1.0f, static_cast<int>(random() % 40) - 20);
      const std::vector<float> x = values(random, static_cast<int>(random() % kinds), 1 + random() % 3000, scale);
      all.insert(all.end(), x.begin(), x.end());
    }
    O once;
    once.observe(all);
    std::shuffle(all.begin(), all.end(), random);
    std::vector<O> parts(1 + random() % 6);
    for (std::size_t done = 0; done < all.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 2500, all.size() - done);
      parts[random() % parts.size()].observe(std::span<const float>(all).subspan(done, count));
      done += count;
    }
    while (parts.size() > 1) {
      std::shuffle(parts.begin(), parts.end(), random);
      parts[0].merge(parts.back());
      parts.pop_back();
    }
    CHECK(parts[0].state() == once.state());
    // Small values have no scale of int16: then both say so.
    const auto answer = [](const O& observer, q::DType dtype) -> std::string {
      try {
        return q::tensors::text(static_cast<double>(observer.scale(dtype)));
      } catch (const q::Error& error) {
        return error.what();
      }
    };
    for (const q::DType dtype : dtypes) CHECK(answer(parts[0], dtype) == answer(once, dtype));

    O twice = once, both = once;
    twice.merge(once);
    both.merge(both);
    CHECK(both.state() == twice.state());
    O empty;
    twice.merge(empty);
    CHECK(both.state() == twice.state());
    empty.merge(once);
    CHECK(empty.state() == once.state());
  }
}

}  // namespace observing
