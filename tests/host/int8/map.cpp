// SPDX-License-Identifier: Apache-2.0
// Bands of maps as windows meet them: each code where the tables of a convolution say, with its rows joined as well.
#include <quench/host/int8/map.hpp>

#include <doctest/doctest.h>

#include <quench/host/int8/joined_avx512.hpp>

#include "host/conv_cases.hpp"

namespace q = quench;
namespace h = quench::host;
using conv_cases::Random;

namespace {

void check(Random& random, const q::kernels::Convolution& conv, h::Int8Level level, bool join) {
  CAPTURE(level);
  const auto [kernel, stride, padding, dilation] = conv.window;
  const int channels = conv.x[2], raised_by = h::raise_of(level);
  const auto x = random.codes<std::int8_t>(conv.x.elements());
  const h::Int8Bands bands(conv, join, level);
  REQUIRE(bands.in_place(x.data()) == (raised_by == 0 ? x.data() : nullptr));
  REQUIRE((bands.rows >= 1 && bands.rows <= conv.y[0]));
  for (int first = 0; first < conv.y[0]; first += bands.rows) {
    const int count = std::min(bands.rows, conv.y[0] - first);
    std::vector<std::int8_t> map(bands.size_of_copy() + 1, 77);
    bands.copy(x.data(), first, count, map.data());
    int faults = 0;
    conv_cases::for_each_tap(conv, first, count, [&](const conv_cases::Tap& at) {
      for (int c = 0; c < channels; ++c) {
        const int code = at.is_inside ? x[static_cast<std::size_t>((at.iy * conv.x[1] + at.ix) * channels + c)] : 0;
        const int tap =
            join ? at.kx * kernel.height + at.ky : at.ky * dilation.height * bands.width + at.kx * dilation.width;
        const int place = at.oy * bands.row_step + at.ox * bands.pixel_step + tap * channels + c;
        faults += map[static_cast<std::size_t>(place)] == static_cast<std::int8_t>(code + raised_by) ? 0 : 1;
      }
    });
    REQUIRE(faults == 0);
    REQUIRE(map.back() == 77);
  }
}

}  // namespace

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

TEST_CASE("joined rows have the codes of each window column by column") {
  CAPTURE(conv_cases::seed);
  Random random;
  if (h::best_int8_level() != h::Int8Level::Avx512Vbmi) return;
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
