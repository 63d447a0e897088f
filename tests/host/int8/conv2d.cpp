// SPDX-License-Identifier: Apache-2.0
// Packed convolutions equal the kernel bit for bit, over random settings, at each level of the CPU.
#include <quench/host/int8/conv2d.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"

namespace q = quench;
namespace h = quench::host;

using conv_cases::Groups, conv_cases::Random;

namespace {

template <class Y>
void compare(Random& random, const q::kernels::Convolution& conv, int least_samples = 0) {
  conv_cases::compare<h::PackedConv2d, std::int8_t, Y>(
      random, conv, h::int8_levels(), [](auto... arguments) { q::kernels::conv2d(arguments...); }, least_samples);
}

}  // namespace

TEST_CASE("packed convolutions equal the kernel, with and without what the CPU has") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 600; ++draw) {
    CAPTURE(draw);
    const q::kernels::Convolution conv =
        conv_cases::random_conv(random, random.one_in(4) ? Groups::Depthwise : Groups::Dense);
    compare<std::int8_t>(random, conv);
    compare<std::int16_t>(random, conv);
    compare<std::int32_t>(random, conv);
  }
}

TEST_CASE("packed convolutions equal the kernel where a map takes several bands") {
  CAPTURE(conv_cases::seed);
  Random random;
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  compare<std::int8_t>(random, {q::Shape(70, 70, 3), q::Shape(70, 70, 5)}, 1);    // pixels
  compare<std::int8_t>(random, {q::Shape(70, 70, 12), q::Shape(70, 70, 20)}, 1);  // and those that are not copied
  compare<std::int8_t>(random, {q::Shape(70, 70, 6), q::Shape(70, 70, 4), {}, 2}, 1);
  compare<std::int8_t>(random, {q::Shape(40, 40, 300), q::Shape(40, 40, 3), window}, 1);
  compare<std::int8_t>(random, {q::Shape(230, 200, 3), q::Shape(230, 200, 5), window}, 1);  // rows of windows joined
}

TEST_CASE("packed convolutions of few pixels and channels, and many products, equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 300; ++draw) {
    CAPTURE(draw);
    const int rows = random.between(1, 5), depth = draw < 20 ? 64 * random.between(1, 5) : random.between(120, 330);
    const q::kernels::Convolution conv{q::Shape(1, rows, depth), q::Shape(1, rows, random.between(1, 17)), {}};
    compare<std::int8_t>(random, conv);
    compare<std::int16_t>(random, conv);
    compare<std::int32_t>(random, conv);
  }
}

TEST_CASE("packed depthwise convolutions of 3 x 3 equal the kernel at each stride and dilation") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 200; ++draw) {
    CAPTURE(draw);
    const q::kernels::Convolution conv = conv_cases::random_depthwise_3x3(random);
    compare<std::int8_t>(random, conv);
    compare<std::int16_t>(random, conv);
    compare<std::int32_t>(random, conv);
  }
}
