// SPDX-License-Identifier: Apache-2.0
// The taps of each pixel of a depthwise convolution, beside its definition.
#include <quench/host/int8/depthwise.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"

namespace h = quench::host;
using conv_cases::Random;

TEST_CASE("64 channels stand as unpacking bytes leaves them") {
  std::vector<bool> is_taken(192);
  for (int channel = 0; channel < 192; ++channel) {
    const int place = h::depthwise_place(channel);
    CHECK(place / 64 == channel / 64);
    CHECK(place % 4 == channel % 4);
    CHECK(!is_taken[static_cast<std::size_t>(place)]);
    is_taken[static_cast<std::size_t>(place)] = true;
  }
  // Bytes of vectors 0 to 3 are interleaved: the first fours of each follow each other, then the second ones.
  for (int vector = 0; vector < 4; ++vector)
    for (int four = 0; four < 4; ++four) CHECK(h::depthwise_place(16 * vector + 4 * four) == 16 * four + 4 * vector);
}

TEST_CASE("as many pixels share 64 lanes as have room for their channels") {
  for (int channels = 1; channels <= 64; ++channels) {
    const int pixels = h::depthwise_pixels(channels);
    CHECK(channels * pixels <= 64);
    CHECK((pixels == 4 || channels * 2 * pixels > 64));
  }
}

TEST_CASE("taps of a pixel read the codes of its window, and zeros outside of the map") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 200; ++draw) {
    CAPTURE(draw);
    auto conv = conv_cases::random_conv(random, conv_cases::Groups::Depthwise);
    const int channels = conv.x[2], width = conv.x[1];
    const auto x = random.codes<std::int8_t>(conv.x.elements());
    const std::vector<std::int8_t> zeros(static_cast<std::size_t>(width * channels));
    const auto [kernel, stride, padding, dilation] = conv.window;
    const bool by_columns = random.one_in(2);
    const h::RowRange range{random.between(0, conv.y[0] - 1), conv.y[0]};
    h::DepthwiseTaps taps;
    taps.start(conv, range, x.data(), zeros.data(), by_columns);
    REQUIRE(taps.at.size() % 4 == 0);
    for (int oy = range.begin; oy < range.end; ++oy) {
      taps.start_row(oy);
      for (int ox = 0, pixels = 0; ox < conv.y[1]; ox += pixels) {
        pixels = taps.go_to(ox);
        REQUIRE((pixels >= 1 && ox + pixels <= conv.y[1]));
        int faults = 0;
        for (int pixel = 0; pixel < pixels; ++pixel)
          for (int ky = 0; ky < kernel.height; ++ky)
            for (int kx = 0; kx < kernel.width; ++kx)
              for (int c = 0; c < channels; ++c) {
                const int iy = oy * stride.height - padding.height + ky * dilation.height;
                const int ix = (ox + pixel) * stride.width - padding.width + kx * dilation.width;
                const bool is_inside = iy >= 0 && iy < conv.x[0] && ix >= 0 && ix < width;
                const int expected = is_inside ? x[static_cast<std::size_t>((iy * width + ix) * channels + c)] : 0;
                const int tap = by_columns ? kx * ((kernel.height + 3) / 4 * 4) + ky : ky * kernel.width + kx;
                faults += taps.at[static_cast<std::size_t>(tap)][pixel * taps.step + c] == expected ? 0 : 1;
              }
        REQUIRE(faults == 0);
      }
    }
  }
}
