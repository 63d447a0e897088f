// SPDX-License-Identifier: Apache-2.0
// PReLU equals its kernel bit for bit, on every instruction set.
#include <quench/host/integer/prelu.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

namespace {

// A record of a slope: of either sign, and one in eight that makes 0 of each code.
q::Requantization some_slope(d::Random& random) {
  if (d::uniform(random, 0, 7) == 0) return {};
  const int sign = d::uniform(random, 0, 1) == 0 ? 1 : -1;
  return {static_cast<std::int16_t>(sign * d::uniform(random, 16384, 32767)), 0,
          static_cast<std::uint8_t>(d::uniform(random, 0, 31))};
}

template <class X, class Y>
void compare(d::Random& random, int rows, int channels) {
  const auto x = d::codes<X>(random, rows * channels);
  std::vector<q::Requantization> records;
  for (int c = 0; c <= channels; ++c) records.push_back(some_slope(random));
  std::vector<Y> expected(x.size()), given(x.size());
  const int low = d::uniform(random, 0, 1) == 0 ? 0 : INT32_MIN, high = d::uniform(random, 0, 1) == 0 ? 77 : INT32_MAX;
  q::kernels::prelu(x.data(), expected.data(), rows, channels, records.data());
  for (Y& code : expected) code = static_cast<Y>(q::kernels::clamp(code, low, high));
  for (const q::host::Int8Level level : q::host::int8_levels()) {
    q::host::prelu(x.data(), given.data(), x.size(), static_cast<std::size_t>(channels), records.data(), low, high,
                   level);
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("PReLU equals its kernel, for every type, one slope or many") {
  constexpr unsigned seed = 20261130;
  CAPTURE(seed);
  d::Random random(seed);
  for (int channels = 1; channels < 80; ++channels) {
    CAPTURE(channels);
    const int rows = d::uniform(random, 1, 6);
    compare<std::int8_t, std::int8_t>(random, rows, channels);
    compare<std::int16_t, std::int16_t>(random, rows, channels);
    compare<std::int16_t, std::int8_t>(random, rows, channels);
  }
  for (const int count : {1, 7, 255, 256, 257, 1000, 1100}) {
    CAPTURE(count);
    compare<std::int8_t, std::int8_t>(random, count, 1);
    compare<std::int16_t, std::int16_t>(random, count, 1);
  }
}
