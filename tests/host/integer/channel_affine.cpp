// SPDX-License-Identifier: Apache-2.0
// Channel affines equal the kernel, at every level.
#include <quench/host/integer/channel_affine.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

namespace {

template <class X, class Y>
void compare_affines(d::Random& random, int samples, int rows, int channels) {
  const auto x = d::codes<X>(random, samples * rows * channels);
  const auto w = d::codes<std::int8_t>(random, channels);
  std::vector<std::int32_t> bias;
  std::vector<q::Requantization> records;
  const bool is_narrow = d::uniform(random, 0, 1) == 0;  // as a faster loop takes them
  for (int c = 0; c < channels; ++c) {
    bias.push_back(d::uniform(random, -100000, 100000));
    records.push_back({static_cast<std::int16_t>(d::uniform(random, -32767, 32767)),
                       static_cast<std::uint8_t>(is_narrow ? d::uniform(random, 2, 8) : d::uniform(random, 0, 8)),
                       static_cast<std::uint8_t>(is_narrow ? d::uniform(random, 17, 20) : d::uniform(random, 0, 20))});
  }
  q::kernels::OutputChannels output{bias.data(), records.data(), d::uniform(random, 0, 1) == 0 ? 0 : INT32_MIN,
                                    d::uniform(random, 0, 1) == 0 ? 77 : INT32_MAX};
  if (d::uniform(random, 0, 3) == 0) output.bias = nullptr;
  std::vector<Y> expected(x.size()), given(x.size());
  q::kernels::channel_affine(x.data(), w.data(), expected.data(), samples * rows, channels, output);
  for (const q::host::Int8Level level : q::host::int8_levels()) {
    const q::host::PackedChannelAffine affine(rows, channels, w.data(), output, level);
    affine.run(samples, x.data(), given.data());
    REQUIRE(given == expected);
    if constexpr (std::is_same_v<Y, std::int32_t>) {
      affine.run_sums(samples, x.data(), given.data());
      std::vector<Y> sums(x.size());
      q::kernels::channel_affine(x.data(), w.data(), sums.data(), samples * rows, channels, {output.bias});
      REQUIRE(given == sums);
    }
  }
}

}  // namespace

TEST_CASE("channel affines equal the kernel, for every type and number of channels") {
  constexpr unsigned seed = 20261206;
  CAPTURE(seed);
  d::Random random(seed);
  for (int channels = 1; channels < 140; ++channels) {
    CAPTURE(channels);
    const int rows = d::uniform(random, 1, 100), samples = d::uniform(random, 1, 3);
    compare_affines<std::int8_t, std::int8_t>(random, samples, rows, channels);
    compare_affines<std::int16_t, std::int16_t>(random, samples, rows, channels);
    compare_affines<std::int8_t, std::int16_t>(random, samples, rows, channels);
    compare_affines<std::int16_t, std::int8_t>(random, samples, rows, channels);
    compare_affines<std::int8_t, std::int32_t>(random, samples, rows, channels);
  }
}
