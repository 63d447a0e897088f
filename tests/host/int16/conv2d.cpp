// SPDX-License-Identifier: Apache-2.0
// Packed convolutions of int16 products equal the kernel bit for bit, over random settings.
#include <quench/host/int16/conv2d.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"
#include "host/isas.hpp"

namespace q = quench;
namespace h = quench::host;

using conv_cases::Random;

namespace {

// Perhaps fewer rows than the window has room for.
q::kernels::Convolution random_conv(Random& random, bool is_spread) {
  q::kernels::Convolution conv = conv_cases::random_layer(random, is_spread);
  const q::kernels::Window& window = conv.window;
  const auto extents = [&](int kernel, int stride, int padding, int dilation) {
    const int reach = (kernel - 1) * dilation + 1;
    const int extent = std::max(reach - 2 * padding, 1) + random.between(0, 9) * random.between(0, 2);
    return q::Pair(extent, (extent + 2 * padding - reach) / stride + 1);
  };
  const q::Pair rows =
      extents(window.kernel_size.height, window.stride.height, window.padding.height, window.dilation.height);
  const q::Pair columns =
      extents(window.kernel_size.width, window.stride.width, window.padding.width, window.dilation.width);
  conv.x = q::Shape(rows.height, columns.height, conv.x[2]);
  conv.y = q::Shape(rows.width - (rows.width > 1 && random.one_in(5) ? 1 : 0), columns.width, conv.y[2]);
  return conv;
}

template <class X, class Y>
void compare(Random& random, q::kernels::Convolution conv) {
  const int samples = random.between(0, 3), depth = conv_cases::depth_of(conv);
  conv.x_shift = conv_cases::shift_for<X>(depth) + (sizeof(X) == 2 && random.one_in(3) ? 1 : 0);
  const auto x = random.codes<X>(samples * conv.x.elements());
  const auto first = random.codes<std::int8_t>(conv.y[2] * depth),
             second = random.codes<std::int8_t>(conv.y[2] * depth);
  const conv_cases::Output output(random, conv.y[2]);
  std::vector<Y> expected(static_cast<std::size_t>(samples * conv.y.elements()));
  for (int n = 0; n < samples; ++n)
    q::kernels::conv2d(x.data() + n * conv.x.elements(), second.data(), expected.data() + n * conv.y.elements(), conv,
                       output.channels);
  q::kernels::OutputChannels unclamped = output.channels;
  unclamped.low = INT32_MIN;
  unclamped.high = INT32_MAX;
  std::vector<std::int32_t> expected_sums(expected.size());
  for (int n = 0; n < samples; ++n)
    q::kernels::conv2d(x.data() + n * conv.x.elements(), second.data(), expected_sums.data() + n * conv.y.elements(),
                       conv, unclamped);
  for (const h::Isa isa : isas()) {
    CAPTURE(isa);
    h::PackedInt16Conv2d packed(conv, first.data(), output.channels, isa);
    packed.repack(second.data(), output.channels);
    std::vector<Y> given(expected.size(), Y{99});
    packed.run(samples, x.data(), given.data());
    REQUIRE(given == expected);
    given.assign(expected.size(), Y{99});
    const int parts = isa == h::Isa::Baseline ? packed.parts() : random.between(1, 4);
    for (int part = 0; part < parts; ++part) packed.run_part(samples, part, parts, x.data(), given.data());
    REQUIRE(given == expected);
    std::vector<std::int32_t> sums(expected.size(), 99);
    packed.run_sums(samples, x.data(), sums.data());
    REQUIRE(sums == expected_sums);
  }
}

void compare_all(Random& random, bool is_spread) {
  compare<std::int16_t, std::int8_t>(random, random_conv(random, is_spread));
  compare<std::int16_t, std::int16_t>(random, random_conv(random, is_spread));
  compare<std::int16_t, std::int32_t>(random, random_conv(random, is_spread));
  compare<std::int8_t, std::int8_t>(random, random_conv(random, is_spread));
  compare<std::int8_t, std::int16_t>(random, random_conv(random, is_spread));
  compare<std::int8_t, std::int32_t>(random, random_conv(random, is_spread));
}

}  // namespace

TEST_CASE("packed convolutions of int16 products equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    compare_all(random, false);
  }
}

TEST_CASE("packed convolutions of int16 products in groups of few channels equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    compare_all(random, true);
  }
}

TEST_CASE("packed convolutions of int16 products equal the kernel where a map takes several bands") {
  CAPTURE(conv_cases::seed);
  Random random;
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  compare<std::int16_t, std::int8_t>(random, {q::Shape(40, 30, 160), q::Shape(40, 30, 3), window});
  compare<std::int16_t, std::int8_t>(random, {q::Shape(70, 70, 40), q::Shape(70, 70, 40), window, 40});
  compare<std::int16_t, std::int16_t>(random, {q::Shape(1, 1300, 130), q::Shape(1, 1300, 2)});
}

TEST_CASE("packed convolutions take the greatest int16 codes as they are") {
  const std::vector<std::int16_t> x(64, -32768);
  const std::vector<std::int8_t> weight(64, -128);
  const q::kernels::Convolution conv{q::Shape(2, 2, 16), q::Shape(2, 2, 4), {}};
  for (const h::Isa isa : isas()) {
    std::vector<std::int32_t> y(16);
    h::PackedInt16Conv2d(conv, weight.data(), {}, isa).run(1, x.data(), y.data());
    CHECK(y == std::vector<std::int32_t>(16, 16 * 32768 * 128));
  }
}
