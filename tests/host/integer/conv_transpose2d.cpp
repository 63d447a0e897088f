// SPDX-License-Identifier: Apache-2.0
// Packed transposed convolutions equal the kernel bit for bit, over random settings.
#include <quench/host/integer/conv_transpose2d.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"
#include "host/isas.hpp"

#include <quench/kernels/conv_transpose2d.hpp>

namespace q = quench;
namespace h = quench::host;

using conv_cases::Random;

namespace {

// With an output padding at times, and paddings that cut off the map's edges.
q::kernels::Convolution random_conv(Random& random) {
  q::kernels::Convolution conv =
      conv_cases::random_layer(random, static_cast<conv_cases::Groups>(random.between(0, 2)));
  const auto extents = [&](int kernel, int stride, int padding, int dilation) {
    const int added = dilation * (kernel - 1) + 1 + random.between(0, std::max(stride, dilation) - 1) - 2 * padding;
    int extent = random.between(1, 8);
    while ((extent - 1) * stride + added < 1) ++extent;
    return q::Pair(extent, (extent - 1) * stride + added);
  };
  const q::kernels::Window& window = conv.window;
  const q::Pair rows =
      extents(window.kernel_size.height, window.stride.height, window.padding.height, window.dilation.height);
  const q::Pair columns =
      extents(window.kernel_size.width, window.stride.width, window.padding.width, window.dilation.width);
  conv.x = q::Shape(rows.height, columns.height, conv.x[2]);
  conv.y = q::Shape(rows.width, columns.width, conv.y[2]);
  return conv;
}

template <class Packed, class X, class Y, class Levels>
void compare(Random& random, const Levels& levels) {
  conv_cases::compare<h::PackedConvTranspose2d<Packed>, X, Y>(
      random, random_conv(random), levels, [](auto... arguments) { q::kernels::conv_transpose2d(arguments...); });
}

}  // namespace

TEST_CASE("packed transposed convolutions of int8 equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    compare<h::PackedConv2d, std::int8_t, std::int8_t>(random, h::int8_levels());
    compare<h::PackedConv2d, std::int8_t, std::int16_t>(random, h::int8_levels());
    compare<h::PackedConv2d, std::int8_t, std::int32_t>(random, h::int8_levels());
  }
}

TEST_CASE("packed transposed convolutions of int16 equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    compare<h::PackedInt16Conv2d, std::int16_t, std::int8_t>(random, isas());
    compare<h::PackedInt16Conv2d, std::int16_t, std::int16_t>(random, isas());
    compare<h::PackedInt16Conv2d, std::int16_t, std::int32_t>(random, isas());
  }
}
