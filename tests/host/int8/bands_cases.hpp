// SPDX-License-Identifier: Apache-2.0
// Bands of a map against the tables of its convolution.
#pragma once

#include <quench/host/int8/map.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "host/conv_cases.hpp"

namespace bands_cases {

namespace q = quench;
namespace h = quench::host;
using conv_cases::Random;

/// Requires each code of each window where the tables say, in all bands, and nothing written after them.
inline void check(Random& random, const q::kernels::Convolution& conv, h::Int8Level level, bool join) {
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

}  // namespace bands_cases
