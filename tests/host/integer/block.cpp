// SPDX-License-Identifier: Apache-2.0
// Where weights of blocks lie. What computes blocks has its own tests: integer/avx2.cpp, int8/neon.cpp and others.
#include <quench/host/integer/block.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace h = quench::host;

namespace {

template <class Code>
void check_places() {
  for (const int channels : {1, 16, 17, 48, 64, 65, 100, 150})
    for (const int quads : {1, 5}) {
      constexpr int codes = h::codes_of_quad<Code>;
      std::vector<bool> is_taken(static_cast<std::size_t>(codes * h::padded_channels(channels) * quads));
      for (int c = 0; c < channels; ++c)
        for (int i = 0; i < codes * quads; ++i) {
          const h::BlockPlace<Code> place(c, channels, quads);
          const std::size_t at =
              place.first + static_cast<std::size_t>(i / codes) * place.step + static_cast<std::size_t>(i % codes);
          REQUIRE(at < is_taken.size());
          REQUIRE(!is_taken[at]);
          is_taken[at] = true;
        }
    }
}

}  // namespace

TEST_CASE("each weight of a block has a place of its own") {
  check_places<std::int8_t>();
  check_places<std::int16_t>();
}

TEST_CASE("kernels take four, two or one vectors, and channels fill them up") {
  for (int left = 1; left < 20; ++left) CHECK(h::vectors_at_once(left) == (left >= 4 ? 4 : left >= 2 ? 2 : 1));
  for (int channels = 1; channels < 70; ++channels) {
    const int padded = h::padded_channels(channels);
    CHECK((padded % 16 == 0 && padded >= channels && padded < channels + 16));
  }
}
