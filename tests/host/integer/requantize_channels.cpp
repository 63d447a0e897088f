// SPDX-License-Identifier: Apache-2.0
// Accumulators become the codes of the kernel bit for bit, at every level, at the ends of int32 as well.
#include <quench/host/integer/requantize_channels.hpp>

#include <doctest/doctest.h>

#include <array>

#include "kernels/definitions.hpp"

#include <quench/kernels/requantize.hpp>

namespace q = quench;
namespace d = definitions;

namespace {

template <class Y>
void compare(d::Random& random, int channels) {
  const int pixels = d::uniform(random, 1, 5);
  std::vector<q::Requantization> records;
  const int least_before = d::uniform(random, 0, 2);
  const int least_behind = std::array{0, 16, 17}[static_cast<std::size_t>(d::uniform(random, 0, 2))];
  for (int c = 0; c < channels; ++c)
    records.push_back({static_cast<std::int16_t>(d::uniform(random, 16384, 32767)),
                       static_cast<std::uint8_t>(least_before + d::uniform(random, 0, 1) * d::uniform(random, 0, 29)),
                       static_cast<std::uint8_t>(d::uniform(random, least_behind, 31))});
  std::vector<std::int32_t> x;
  for (int i = 0; i < pixels * channels; ++i) {
    const int kind = d::uniform(random, 0, 9);
    x.push_back(kind == 0   ? INT32_MAX - d::uniform(random, 0, 3)
                : kind == 1 ? INT32_MIN + d::uniform(random, 0, 3)
                            : d::uniform(random, INT32_MIN, INT32_MAX) >> d::uniform(random, 0, 31));
  }
  std::vector<Y> expected(x.size()), given(x.size());
  q::kernels::requantize_channels<8 * static_cast<int>(sizeof(Y))>(x.data(), expected.data(), pixels, channels,
                                                                   records.data());
  const bool is_held = d::uniform(random, 0, 1) == 0;
  if (is_held)
    for (Y& code : expected) code = std::clamp(code, Y{0}, Y{90});
  const q::host::RecordArrays arrays(records.data(), channels);
  for (const q::host::Int8Level level : q::host::int8_levels()) {
    CAPTURE(level);
    std::fill(given.begin(), given.end(), Y{99});
    q::host::requantize_channels(x.data(), given.data(), static_cast<std::size_t>(pixels), arrays,
                                 is_held ? 0 : INT32_MIN, is_held ? 90 : INT32_MAX, level);
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("accumulators become the codes of the kernel, for any number of channels") {
  constexpr unsigned seed = 20261127;
  CAPTURE(seed);
  d::Random random(seed);
  for (int channels = 1; channels < 150; ++channels) {
    CAPTURE(channels);
    compare<std::int8_t>(random, channels);
    compare<std::int16_t>(random, channels);
  }
  for (int draw = 0; draw < 100; ++draw) compare<std::int8_t>(random, 64 * d::uniform(random, 1, 4));
}
