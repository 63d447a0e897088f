// SPDX-License-Identifier: Apache-2.0
// Bands of maps as windows meet them: each code where the tables of a convolution say.
#include <quench/host/int8/map.hpp>

#include <doctest/doctest.h>

#include "host/int8/bands_cases.hpp"

namespace q = quench;
namespace h = quench::host;
using bands_cases::check;
using conv_cases::Random;

TEST_CASE("bands have the codes of each window, raised, and raised zeros outside of the map") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    const auto conv = conv_cases::random_conv(random, conv_cases::Groups::Dense);
    for (const h::Int8Level level : h::int8_levels()) check(random, conv, level, false);
  }
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  for (const h::Int8Level level : h::int8_levels())  // several bands
    check(random, {q::Shape(40, 40, 100), q::Shape(40, 40, 1), window}, level, false);
}
