// SPDX-License-Identifier: Apache-2.0
// Packed linear layers equal the kernel bit for bit, over random sizes.
#include <quench/host/int8/linear.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"

namespace q = quench;
namespace h = quench::host;

using conv_cases::Random;

TEST_CASE("packed linear layers equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    const q::kernels::LinearLayer layer{random.between(1, 9), random.between(1, 300), random.between(1, 70)};
    const int samples = random.between(0, 4);
    const auto x = random.codes<std::int8_t>(samples * layer.rows * layer.in_features);
    const auto weight = random.codes<std::int8_t>(layer.in_features * layer.out_features);
    const conv_cases::Output output(random, layer.out_features, layer.in_features * 128 * 128);
    std::vector<std::int8_t> expected(static_cast<std::size_t>(samples * layer.rows * layer.out_features)),
        given(expected.size());
    q::kernels::LinearLayer all = layer;
    all.rows *= samples;
    q::kernels::linear(x.data(), weight.data(), expected.data(), all, output.channels);
    for (const h::Int8Level level : h::int8_levels()) {
      CAPTURE(level);
      std::fill(given.begin(), given.end(), std::int8_t{99});
      h::PackedLinear(layer, weight.data(), output.channels, level).run(samples, x.data(), given.data());
      REQUIRE(given == expected);
    }
  }
}
