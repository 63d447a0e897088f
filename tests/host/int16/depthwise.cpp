// SPDX-License-Identifier: Apache-2.0
// Rows of pixels whose filters have channels of their own against sums one product at a time, on every instruction set.
#include <quench/host/int16/depthwise.hpp>

#include <doctest/doctest.h>

#include <quench/host/int16/avx2.hpp>
#include <quench/host/int16/avx512.hpp>

#include "host/conv_cases.hpp"
#include "host/isas.hpp"

namespace h = quench::host;
using conv_cases::Random;

namespace {

std::size_t random_size(Random& random, int low, int high) {
  return static_cast<std::size_t>(random.between(low, high));
}

void check(Random& random, std::size_t filters, std::size_t run, std::size_t pixels, std::size_t taps) {
  CAPTURE(filters);
  CAPTURE(run);
  CAPTURE(pixels);
  CAPTURE(taps);
  h::Int16Row row;
  row.filters = filters;
  row.run = run;
  row.pixels = pixels;
  row.fours = (taps + 3) / 4;
  row.pairs = (taps + 1) / 2;
  const std::size_t step = row.step(), pixel_step = run * filters + random_size(random, 0, 5);
  row.pixel_step = static_cast<std::ptrdiff_t>(pixel_step);
  std::vector<std::int32_t> places(4 * row.fours), first(step);
  std::size_t reach = 0;
  for (std::size_t t = 0; t < taps; ++t) {
    places[t] = random.between(0, 300);
    reach = std::max(reach, static_cast<std::size_t>(places[t]));
  }
  const std::size_t runs = (pixels + run - 1) / run;
  const auto x = random.codes<std::int16_t>(static_cast<int>(runs * pixel_step + reach + 2 * step));
  const auto weight = random.codes<std::int8_t>(static_cast<int>(taps * filters));
  std::vector<std::int32_t> bias(filters), expected;
  for (std::int32_t& value : bias) value = random.between(-1'000'000, 1'000'000);
  for (std::size_t c = 0; c < filters * run; ++c) first[c] = bias[c % filters];
  for (std::size_t pixel = 0; pixel < pixels; ++pixel)
    for (std::size_t c = 0; c < filters; ++c) {
      std::int32_t sum = bias[c];
      for (std::size_t t = 0; t < taps; ++t)
        sum += x[pixel / run * pixel_step + pixel % run * filters + static_cast<std::size_t>(places[t]) + c] *
               weight[t * filters + c];
      expected.push_back(sum);
    }
  expected.insert(expected.end(), 40, 77);  // after the row nothing is written
  row.x = x.data();
  row.taps = places.data();
  row.first = first.data();
  for (const h::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    std::vector<std::int16_t> packed(4 * row.fours * step);
    for (std::size_t t = 0; t < taps; ++t)
      for (std::size_t sum = 0; sum < filters * run; ++sum)
        packed[h::int16_tap_place(t, sum, step, isa != h::Isa::Baseline)] = weight[t * filters + sum % filters];
    row.weights = packed.data();
    std::vector<std::int32_t> y(expected.size(), 77);
    h::detail::int16_row(row, y.data(), isa);
    REQUIRE(y == expected);
  }
}

}  // namespace

TEST_CASE("rows of pixels are sums of products, for any number of filters, taps and pixels at once") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (std::size_t filters = 1; filters <= 70; ++filters)
    for (const std::size_t pixels : {1u, 2u, 3u, 9u})
      for (const std::size_t run : {std::size_t{1}, 32 / filters + 1, random_size(random, 1, 5)})
        check(random, filters, run, pixels, random_size(random, 1, 25));
}

TEST_CASE("each weight of a tap has a place of its own") {
  for (const std::size_t step : {32u, 96u})
    for (const bool is_paired : {false, true}) {
      std::vector<bool> is_taken(6 * step);
      for (std::size_t tap = 0; tap < 6; ++tap)
        for (std::size_t sum = 0; sum < step; ++sum) {
          const std::size_t at = h::int16_tap_place(tap, sum, step, is_paired);
          REQUIRE(at < is_taken.size());
          REQUIRE(!is_taken[at]);
          is_taken[at] = true;
        }
    }
}
