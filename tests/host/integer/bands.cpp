// SPDX-License-Identifier: Apache-2.0
// How maps are cut into bands, and that windows find their codes in a copy of each.
#include <quench/host/integer/bands.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"

namespace q = quench;
namespace h = quench::host;
using conv_cases::Random;

namespace {

constexpr int zero = 5;  // of all bytes around the map

/// Bands of codes as they are.
struct PlainBands : h::Bands {
  explicit PlainBands(const q::kernels::Convolution& conv) : Bands(conv, conv.x[2]) {}

  static constexpr int most = most_codes;
  int codes_of(int output_rows) const { return height_of(output_rows) * width * channels; }

  void copy(const std::int8_t* x, int first, int count, std::int8_t* map) const {
    copy_rows(x, first, count, map, zero, [&](const std::int8_t* from, std::int8_t* to, int inside_rows) {
      for (; inside_rows > 0; --inside_rows, from += size(x_[1]), to += size(width)) {
        std::fill_n(to, size(width), std::int8_t{zero});
        std::copy_n(from, size(inside()), to + size(before()));
      }
    });
  }
};

void check(Random& random, const q::kernels::Convolution& conv) {
  const auto [kernel, stride, padding, dilation] = conv.window;
  const auto x = random.codes<std::int8_t>(conv.x.elements());
  const PlainBands bands(conv);
  REQUIRE((bands.rows >= std::min(4, conv.y[0]) && bands.rows <= conv.y[0]));
  REQUIRE((bands.rows == std::min(4, conv.y[0]) || bands.codes_of(bands.rows) <= PlainBands::most));
  REQUIRE((bands.rows == conv.y[0] || bands.codes_of(bands.rows + 1) > PlainBands::most));
  for (int first = 0; first < conv.y[0]; first += bands.rows) {
    const int count = std::min(bands.rows, conv.y[0] - first);
    const auto size = static_cast<std::size_t>(bands.codes_of(count));
    std::vector<std::int8_t> map(size + 1, 77);
    bands.copy(x.data(), first, count, map.data());
    int faults = 0;
    conv_cases::for_each_tap(conv, first, count, [&](const conv_cases::Tap& at) {
      for (int c = 0; c < conv.x[2]; ++c) {
        const int code = at.is_inside ? x[static_cast<std::size_t>((at.iy * conv.x[1] + at.ix) * conv.x[2] + c)] : zero;
        const int tap = (at.ky * dilation.height * bands.width + at.kx * dilation.width) * bands.channels + c;
        const int place = at.oy * bands.row_step + at.ox * bands.pixel_step + tap;
        REQUIRE(place < static_cast<int>(size));
        faults += map[static_cast<std::size_t>(place)] == code ? 0 : 1;
      }
    });
    REQUIRE(faults == 0);
    REQUIRE(map.back() == 77);
  }
}

}  // namespace

TEST_CASE("windows find their codes in bands, and zeros outside of the map") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    check(random, conv_cases::random_conv(random, conv_cases::Groups::Dense));
  }
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  check(random, {q::Shape(40, 40, 100), q::Shape(40, 40, 1), window});  // several bands
  check(random, {q::Shape(9, 40, 999), q::Shape(9, 40, 1), window});    // of four rows, which have more codes
}
