// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/accumulator.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool accumulator_sums_by_hand() {
  constexpr std::int8_t x[] = {1, -2, 3, -4, 5, -128};
  constexpr std::int8_t w[] = {1, 2, 3, 4, 5, -128};
  constexpr std::int16_t wide[] = {3, -3, 32767, -32768};
  return k::detail::dot(x, w, 6, 0) == 1 - 4 + 9 - 16 + 25 + 16384 && k::detail::dot(x, w, 0, 0) == 0 &&
         k::detail::dot(wide, w, 4, 1) == 2 - 2 + 3 * 16384 - 4 * 16384 && k::detail::dot(x, wide, 2, 5, 1) == 2 + 2 &&
         k::detail::dot_strided(x, 2, w, 3, 2, 0) == 1 + 12 && k::detail::dot_strided(wide, 3, x, 5, 2, 15) == 128;
}

constexpr bool finishes_by_hand() {
  constexpr q::Requantization records[] = {{16384, 0, 15}, {16384, 0, 16}};
  constexpr std::int32_t bias[] = {7, 8};
  const k::OutputChannels output{bias, records, -10, 20};
  return k::detail::first_value(output, 1) == 8 && k::detail::first_value({}, 1) == 0 &&
         k::finish<std::int8_t>(30, output, 0) == 15 && k::finish<std::int8_t>(30, output, 1) == 8 &&
         k::finish<std::int8_t>(1000, output, 0) == 20 && k::finish<std::int8_t>(38, output, 0) == 19 &&
         k::finish<std::int8_t>(-18, output, 0) == -9 && k::finish<std::int8_t>(-99, output, 0) == -10 &&
         k::finish<std::int16_t>(1000, {.requantization = records}, 0) == 500 &&
         k::finish<std::int8_t>(1000, {.requantization = records}, 0) == 127 &&
         k::finish<std::int32_t>(INT32_MIN, {}, 0) == INT32_MIN &&
         k::finish<std::int32_t>(INT32_MIN, {.low = 0}, 0) == 0;
}

constexpr bool finishes_neighbours_by_hand() {
  constexpr q::Requantization records[] = {{16384, 0, 15}, {16384, 0, 16}, {16384, 0, 14}};
  constexpr std::int32_t bias[] = {7, 8, -100};
  k::OutputChannels next{bias, records, -10, 20};
  std::int8_t codes[3]{};
  const std::int8_t* end = k::detail::finish_next(k::detail::Sums<2>{{23, 22}}, codes, next);
  codes[2] = k::detail::finish_next<std::int8_t>(95, next);
  k::OutputChannels accumulators{bias};
  std::int32_t sums[2]{};
  k::detail::finish_next(k::detail::Sums<2>{{23, 22}}, sums, accumulators);
  return end == codes + 2 && codes[0] == 15 && codes[1] == 8 && codes[2] == -5 && next.bias == bias + 3 &&
         next.requantization == records + 3 && sums[0] == 30 && sums[1] == 30 && accumulators.bias == bias + 2;
}

// Sums that begin with 1, 2, ..., over runs with gaps between them.
template <int Filters, class X>
void compare_sums_of_filters() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 500; ++draw) {
    CAPTURE(draw);
    const k::detail::Runs runs{uniform(random, 0, 3), uniform(random, 0, 20), uniform(random, 0, 30),
                               uniform(random, 0, 30)};
    const int filter_step = uniform(random, 0, 100), x_shift = uniform(random, 4, 15);
    const auto x = codes<X>(random, 3 * 30 + 20);
    const auto w = codes<std::int8_t>(random, 3 * 30 + 20 + Filters * filter_step);
    k::detail::Sums<Filters> sums;
    for (int filter = 0; filter < Filters; ++filter) sums.of[filter] = filter + 1;
    k::detail::add_dot(sums, x.data(), w.data(), filter_step, runs, x_shift);
    for (int filter = 0; filter < Filters; ++filter) {
      std::int64_t expected = filter + 1;
      for (int run = 0; run < runs.count; ++run)
        for (int i = 0; i < runs.length; ++i)
          expected += shifted(x[static_cast<std::size_t>(run * runs.x_step + i)], sizeof(X) == 1 ? 0 : x_shift) *
                      w[static_cast<std::size_t>(filter * filter_step + run * runs.w_step + i)];
      REQUIRE(sums.of[filter] == expected);
    }
  }
}

template <class X, class W>
void compare_dots() {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 2000; ++draw) {
    CAPTURE(draw);
    const int count = uniform(random, 0, 20), x_step = uniform(random, 1, 4), w_step = uniform(random, 1, 4);
    const int x_shift = uniform(random, 4, 15), w_shift = uniform(random, 4, 15);
    const auto x = codes<X>(random, count * 4 + 1);
    const auto w = codes<W>(random, count * 4 + 1);
    std::int64_t neighbours = 0, strided = 0;
    const auto product = [&](int i, int j) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
      return shifted(x[a], sizeof(X) == 1 ? 0 : x_shift) * shifted(w[b], sizeof(W) == 1 ? 0 : w_shift);
    };
    for (int i = 0; i < count; ++i) {
      neighbours += product(i, i);
      strided += product(i * x_step, i * w_step);
    }
    REQUIRE(k::detail::dot(x.data(), w.data(), count, x_shift, w_shift) == neighbours);
    REQUIRE(k::detail::dot_strided(x.data(), x_step, w.data(), w_step, count, x_shift, w_shift) == strided);
  }
}

}  // namespace

static_assert(accumulator_sums_by_hand());
static_assert(finishes_by_hand());
static_assert(finishes_neighbours_by_hand());

TEST_CASE("small sums of products are what was computed by hand") { CHECK(accumulator_sums_by_hand()); }
TEST_CASE("an accumulator gets its bias, is requantized with its channel's record, and is clamped") {
  CHECK(finishes_by_hand());
}
TEST_CASE("neighbouring channels get their biases and records one after the other") {
  CHECK(finishes_neighbours_by_hand());
}

TEST_CASE("a sum of products is its definition, with and without steps") {
  compare_dots<std::int8_t, std::int8_t>();
  compare_dots<std::int16_t, std::int8_t>();
  compare_dots<std::int8_t, std::int16_t>();
  compare_dots<std::int16_t, std::int16_t>();
}

TEST_CASE("sums of several filters over runs are their definition") {
  compare_sums_of_filters<1, std::int8_t>();
  compare_sums_of_filters<2, std::int8_t>();
  compare_sums_of_filters<4, std::int8_t>();
  compare_sums_of_filters<1, std::int16_t>();
  compare_sums_of_filters<2, std::int16_t>();
  compare_sums_of_filters<4, std::int16_t>();
}
