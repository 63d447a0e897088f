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
  q::kernels::Convolution conv = conv_cases::random_layer(random, random.one_in(4));
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
  q::kernels::Convolution conv = random_conv(random);
  const int samples = random.between(0, 2), depth = conv_cases::depth_of(conv);
  conv.x_shift = conv_cases::shift_for<X>(depth);
  const auto x = random.codes<X>(samples * conv.x.elements());
  const auto first = random.codes<std::int8_t>(conv.y[2] * depth),
             second = random.codes<std::int8_t>(conv.y[2] * depth);
  const conv_cases::Output output(random, conv.y[2]);
  std::vector<Y> expected(static_cast<std::size_t>(samples * conv.y.elements()));
  for (int n = 0; n < samples; ++n)
    q::kernels::conv_transpose2d(x.data() + n * conv.x.elements(), second.data(),
                                 expected.data() + n * conv.y.elements(), conv, output.channels);
  for (const auto level : levels) {
    CAPTURE(level);
    h::PackedConvTranspose2d<Packed> packed(conv, first.data(), output.channels, level);
    packed.repack(second.data(), output.channels);
    std::vector<Y> given(expected.size(), Y{99});
    packed.run(samples, x.data(), given.data());
    REQUIRE(given == expected);
    given.assign(expected.size(), Y{99});
    const int parts = random.between(1, 5);
    for (int part = 0; part < parts; ++part) packed.run_part(samples, part, parts, x.data(), given.data());
    REQUIRE(given == expected);
    if constexpr (sizeof(Y) == 4) {
      for (auto& sum : given) sum = 99;
      packed.run_sums(samples, x.data(), given.data());
      for (auto& sum : given) sum = std::clamp(sum, output.channels.low, output.channels.high);
      REQUIRE(given == expected);
    }
  }
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
