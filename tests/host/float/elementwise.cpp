// SPDX-License-Identifier: Apache-2.0
// Loops over float values against one value at a time, bit for bit, for any number of values.
#include <quench/host/float/elementwise.hpp>

#include <doctest/doctest.h>

#include "host/cases.hpp"

namespace host = quench::host;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

std::vector<float> values(std::mt19937& random, std::size_t size) {
  const float choices[] = {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity, 0.0f, -0.0f, 6.0f, 3.0e38f};
  std::vector<float> result(size);
  for (float& value : result)
    value = random() % 3 == 0 ? choices[random() % std::size(choices)]
                              : std::uniform_real_distribution<float>(-9, 9)(random);
  return result;
}

bool same(float a, float b) { return host_cases::same_bits(a, b) || (std::isnan(a) && std::isnan(b)); }

}  // namespace

TEST_CASE("loops over float values do what they say, with NaN and infinity among the values") {
  constexpr unsigned seed = 20261129;
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const std::size_t size : {0u, 1u, 3u, 4u, 5u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 33u, 1000u})
    for (const float high : {6.0f, 0.0f, infinity})
      for (const float low : {0.0f, -infinity}) {
        CAPTURE(size);
        CAPTURE(high);
        const auto x = values(random, size), g = values(random, size);
        std::vector<float> clamped = x, gradient = g, masked = g, sum(size), total = g;  // in place, where it may be
        host::float_clamp(clamped.data(), clamped.data(), size, high);
        host::float_clamp_gradient(x.data(), g.data(), gradient.data(), size, high);
        host::float_clamp_mask(x.data(), masked.data(), size, high);
        host::float_add(x.data(), g.data(), sum.data(), size, low);
        host::float_accumulate(x.data(), total.data(), size);
        for (std::size_t i = 0; i < size; ++i) {
          const bool is_inside = x[i] > 0 && x[i] < high;
          REQUIRE(same(clamped[i], std::isnan(x[i]) ? x[i] : x[i] < 0 ? 0.0f : x[i] > high ? high : x[i]));
          REQUIRE(same(gradient[i], g[i] + (is_inside ? g[i] : 0.0f)));
          REQUIRE(same(masked[i], is_inside ? g[i] : 0.0f));
          REQUIRE(same(sum[i], x[i] + g[i] < low ? low : x[i] + g[i]));
          REQUIRE(same(total[i], g[i] + x[i]));
        }
      }
}
