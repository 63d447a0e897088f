// SPDX-License-Identifier: Apache-2.0
#include <quench/host/integer/upsample.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

TEST_CASE("larger maps equal the kernels, for any factor and any number of channels") {
  constexpr unsigned seed = 20261202;
  CAPTURE(seed);
  d::Random random(seed);
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    const int channels = d::uniform(random, 0, 3) == 0 ? d::uniform(random, 60, 140) : d::uniform(random, 1, 20);
    const int largest = draw % 10 == 9 ? 150 : 4;  // past 2^14 in all, weights take the path of large fractions
    const q::Shape shape(d::uniform(random, 1, largest > 4 ? 2 : 5), d::uniform(random, 1, 5),
                         largest > 4 ? 2 : channels);
    const q::Pair factor{d::uniform(random, 1, largest), d::uniform(random, 1, largest)};
    auto x = d::codes<std::int8_t>(random, shape.elements());
    if (draw % 5 == 0) std::fill(x.begin(), x.end(), static_cast<std::int8_t>(draw % 2 == 0 ? -128 : 127));
    std::vector<std::int8_t> expected(x.size() * static_cast<std::size_t>(factor.height * factor.width));
    std::vector<std::int8_t> given(expected.size());
    q::kernels::upsample_nearest(x.data(), shape, factor, expected.data());
    q::host::upsample_nearest(x.data(), shape, factor, given.data());
    REQUIRE(given == expected);
    q::kernels::upsample_bilinear(x.data(), shape, factor, expected.data());
    for (const q::host::Isa isa : isas()) {
      std::fill(given.begin(), given.end(), std::int8_t{99});
      q::host::upsample_bilinear(x.data(), shape, factor, given.data(), isa);
      REQUIRE(given == expected);
    }
  }
}
