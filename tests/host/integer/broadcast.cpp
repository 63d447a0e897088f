// SPDX-License-Identifier: Apache-2.0
#include <quench/host/integer/broadcast.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <numeric>
#include <vector>

namespace q = quench;

TEST_CASE("a tensor is repeated along the axes that have one element") {
  std::vector<std::int16_t> x(24), y(24);
  std::iota(x.begin(), x.end(), std::int16_t{100});
  for (int repeated = 0; repeated < 8; ++repeated) {  // bit by bit, one axis each
    CAPTURE(repeated);
    const int extents[] = {2, 3, 4};
    const q::Shape shape(2, 3, 4);
    const q::Shape from((repeated & 1) != 0 ? 1 : 2, (repeated & 2) != 0 ? 1 : 3, (repeated & 4) != 0 ? 1 : 4);
    q::host::broadcast(x.data(), from, shape, y.data());
    for (int i = 0, at = 0; i < extents[0]; ++i)
      for (int j = 0; j < extents[1]; ++j)
        for (int k = 0; k < extents[2]; ++k, ++at) {
          const int place =
              ((from[0] == 1 ? 0 : i) * from[1] + (from[1] == 1 ? 0 : j)) * from[2] + (from[2] == 1 ? 0 : k);
          REQUIRE(y[static_cast<std::size_t>(at)] == 100 + place);
        }
  }
}
