// SPDX-License-Identifier: Apache-2.0
#include <quench/host/integer/lookup_avx512.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

TEST_CASE("lookups of int8 equal the kernel for all codes and any number of them") {
  constexpr unsigned seed = 20261201;
  CAPTURE(seed);
  d::Random random(seed);
  const auto table = d::codes<std::int8_t>(random, 256);
  for (const int count : {0, 1, 63, 64, 65, 256, 1000}) {
    CAPTURE(count);
    auto x = d::codes<std::int8_t>(random, count);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::int8_t>(x[i] + static_cast<int>(i));
    std::vector<std::int8_t> expected(x.size()), given(x.size());
    q::kernels::lookup(x.data(), expected.data(), count, table.data());
    for (const q::host::Int8Level level : q::host::int8_levels()) {
      CAPTURE(level);
      std::fill(given.begin(), given.end(), std::int8_t{99});
      q::host::lookup(x.data(), given.data(), x.size(), table.data(), level);
      REQUIRE(given == expected);
    }
  }
}
