// SPDX-License-Identifier: Apache-2.0
// Rows of pixels whose filters have channels of their own: the plain loop against sums one product at a time, on every
// instruction set; and where weights lie.
#include <quench/host/int16/depthwise.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/int16/row_cases.hpp"
#include "host/isas.hpp"

namespace h = quench::host;

TEST_CASE("the plain loop gives rows of pixels the sums of products") {
  for (const h::Isa isa : isas()) {
    CAPTURE(static_cast<int>(isa));
    row_cases::check(
        false, [isa](const h::Int16Row& row, std::int32_t* y) { h::run_for<h::detail::Int16RowLoop>(isa, &row, y); });
  }
}

TEST_CASE("each weight of a tap has a place of its own") {
  for (const std::size_t step : {32u, 96u})
    for (const bool is_paired : {false, true}) {
      std::vector<bool> is_taken(6 * step);
      for (std::size_t tap = 0; tap < 6; ++tap)
        for (std::size_t sum = 0; sum < step; ++sum) {
          const std::size_t at = h::int16_tap_place(tap, sum, step, is_paired);
          REQUIRE(at < is_taken.size());
          REQUIRE(!is_taken[at]);
          is_taken[at] = true;
        }
    }
}
