// SPDX-License-Identifier: Apache-2.0
// Random rows of pixels whose filters have channels of their own, and their sums one product at a time.
#pragma once

#include <quench/host/int16/depthwise.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/conv_cases.hpp"

namespace row_cases {

namespace h = quench::host;
using conv_cases::Random;

inline std::size_t random_size(Random& random, int low, int high) {
  return static_cast<std::size_t>(random.between(low, high));
}

/// `run` pixels at once.
template <class Compute>
void check_row(Random& random, std::size_t filters, std::size_t run, std::size_t pixels, std::size_t taps,
               bool is_paired, const Compute& compute) {
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
  std::vector<std::int16_t> packed(4 * row.fours * step);
  for (std::size_t t = 0; t < taps; ++t)
    for (std::size_t sum = 0; sum < filters * run; ++sum)
      packed[h::int16_tap_place(t, sum, step, is_paired)] = weight[t * filters + sum % filters];
  row.weights = packed.data();
  std::vector<std::int32_t> y(expected.size(), 77);
  compute(row, y.data());
  REQUIRE(y == expected);
}

/// Requires that `compute(row, y)` computes the sums of rows, for any number of filters, taps and pixels at once.
template <class Compute>
void check(bool is_paired, const Compute& compute) {
  CAPTURE(conv_cases::seed);
  Random random;
  for (std::size_t filters = 1; filters <= 70; ++filters)
    for (const std::size_t pixels : {1u, 2u, 3u, 9u})
      for (const std::size_t run : {std::size_t{1}, 32 / filters + 1, random_size(random, 1, 5)})
        check_row(random, filters, run, pixels, random_size(random, 1, 25), is_paired, compute);
}

}  // namespace row_cases
