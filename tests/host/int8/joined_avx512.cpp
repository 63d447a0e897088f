// SPDX-License-Identifier: Apache-2.0
// Rows of a map joined column by column: which are joined, and where each code is then.
#include <quench/host/int8/joined_avx512.hpp>

#include <doctest/doctest.h>

#include "host/int8/bands_cases.hpp"
#include "host/int8/levels.hpp"

namespace q = quench;
namespace h = quench::host;
using bands_cases::check;
using conv_cases::Random;

TEST_CASE("joined rows have the codes of each window column by column") {
  if (!levels::has(h::Int8Level::Avx512Vbmi)) return;
  CAPTURE(conv_cases::seed);
  Random random;
  for (int joined = 0; joined < 150;) {
    auto conv = conv_cases::random_conv(random, conv_cases::Groups::Dense);
    if (!h::joins_rows(conv)) continue;
    CAPTURE(joined);
    check(random, conv, h::Int8Level::Avx512Vbmi, true);
    ++joined;
  }
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  check(random, {q::Shape(230, 100, 3), q::Shape(230, 100, 1), window}, h::Int8Level::Avx512Vbmi, true);
}

TEST_CASE("rows are joined where fewer fours of bytes are left, and where they fit a vector") {
  const auto joins = [](int kernel, int channels, int groups = 1, q::Pair dilation = 1) {
    return h::joins_rows(
        {q::Shape(99, 99, channels), q::Shape(9, 9, groups), {.kernel_size = kernel, .dilation = dilation}, groups});
  };
  CHECK(joins(3, 3));   // 27 bytes in 7 fours, not 9
  CHECK(joins(7, 3));   // 147 bytes in 37 fours, not 42
  CHECK(!joins(3, 1));  // 9 bytes in 3 fours, as before
  CHECK(joins(3, 3, 1, {2, 1}));
  CHECK(!joins(3, 4));   // whole fours
  CHECK(!joins(1, 3));   // one row
  CHECK(!joins(3, 11));  // 33 bytes of a column
  CHECK(!joins(3, 3, 3));
  CHECK(!joins(3, 3, 1, {1, 2}));
}
