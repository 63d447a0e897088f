// SPDX-License-Identifier: Apache-2.0
// Bands of maps as int16 codes, as windows meet them: shifted, with zeros outside of the map, perhaps in another order.
#include <quench/host/int16/map.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"
#include "host/isas.hpp"

namespace q = quench;
namespace h = quench::host;
using conv_cases::Random;

namespace {

template <class X>
void check(Random& random, q::kernels::Convolution conv, bool is_ordered) {
  conv.x_shift = sizeof(X) == 2 ? random.between(0, 15) : 0;
  const auto [kernel, stride, padding, dilation] = conv.window;
  const auto x = random.codes<X>(conv.x.elements());
  std::vector<int> order;
  for (int c = 0; is_ordered && c < conv.x[2] + 3; ++c) order.push_back(random.between(0, conv.x[2] - 1));
  for (const h::Isa isa : isas()) {
    const h::Int16Bands bands(conv, order, isa);
    REQUIRE((bands.rows >= 1 && bands.rows <= conv.y[0]));
    const bool is_same = sizeof(X) == 2 && conv.x_shift == 0;
    REQUIRE((bands.in_place(x.data()) != nullptr) == is_same);
    for (int first = 0; first < conv.y[0]; first += bands.rows) {
      const int count = std::min(bands.rows, conv.y[0] - first);
      std::vector<std::int16_t> map(bands.size_of_copy(), 77);
      bands.copy(x.data(), first, count, map.data());
      int faults = 0;
      conv_cases::for_each_tap(conv, first, count, [&](const conv_cases::Tap& at) {
        for (int c = 0; c < bands.channels; ++c) {
          const int from = is_ordered ? order[static_cast<std::size_t>(c)] : c;
          const int code =
              at.is_inside ? x[static_cast<std::size_t>((at.iy * conv.x[1] + at.ix) * conv.x[2] + from)] : 0;
          const int shifted = (code + (1 << conv.x_shift) / 2) >> conv.x_shift;
          const int place = ((at.oy * stride.height + at.ky * dilation.height) * bands.width + at.ox * stride.width +
                             at.kx * dilation.width) *
                                bands.channels +
                            c;
          faults += map[static_cast<std::size_t>(place)] == shifted ? 0 : 1;
        }
      });
      REQUIRE(faults == 0);
      REQUIRE(std::count(map.end() - 32, map.end(), 77) == 32);
    }
  }
}

}  // namespace

TEST_CASE("bands of int16 codes have the codes of each window") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 100; ++draw) {
    CAPTURE(draw);
    const auto conv = conv_cases::random_conv(random, conv_cases::Groups::Dense);
    check<std::int8_t>(random, conv, draw % 2 == 0);
    check<std::int16_t>(random, conv, draw % 2 == 0);
  }
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  check<std::int16_t>(random, {q::Shape(40, 40, 100), q::Shape(40, 40, 1), window}, false);  // several bands
}
