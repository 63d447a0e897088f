// SPDX-License-Identifier: Apache-2.0
// Packed convolutions of int16 products equal the kernel bit for bit, over random settings.
#include <quench/host/int16/conv2d.hpp>

#include <doctest/doctest.h>

#include "host/conv_cases.hpp"
#include "host/isas.hpp"

namespace q = quench;
namespace h = quench::host;

using conv_cases::Groups, conv_cases::Random, conv_cases::random_conv;

namespace {

template <class X, class Y>
void compare(Random& random, const q::kernels::Convolution& conv, int least_samples = 0) {
  conv_cases::compare<h::PackedInt16Conv2d, X, Y>(
      random, conv, isas(), [](auto... arguments) { q::kernels::conv2d(arguments...); }, least_samples);
}

void compare_all(Random& random, Groups kind) {
  compare<std::int16_t, std::int8_t>(random, random_conv(random, kind));
  compare<std::int16_t, std::int16_t>(random, random_conv(random, kind));
  compare<std::int16_t, std::int32_t>(random, random_conv(random, kind));
  compare<std::int8_t, std::int8_t>(random, random_conv(random, kind));
  compare<std::int8_t, std::int16_t>(random, random_conv(random, kind));
  compare<std::int8_t, std::int32_t>(random, random_conv(random, kind));
}

}  // namespace

TEST_CASE("packed convolutions of int16 products equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    compare_all(random, Groups::Dense);
  }
}

TEST_CASE("packed convolutions of int16 products in groups of few channels equal the kernel") {
  CAPTURE(conv_cases::seed);
  Random random;
  for (int draw = 0; draw < 150; ++draw) {
    CAPTURE(draw);
    compare_all(random, random.one_in(2) ? Groups::Spread : Groups::Depthwise);
  }
}

TEST_CASE("packed convolutions of int16 products equal the kernel where a map takes several bands") {
  CAPTURE(conv_cases::seed);
  Random random;
  const q::kernels::Window window{.kernel_size = 3, .padding = 1};
  compare<std::int16_t, std::int8_t>(random, {q::Shape(40, 30, 160), q::Shape(40, 30, 3), window}, 1);
  compare<std::int16_t, std::int8_t>(random, {q::Shape(70, 70, 40), q::Shape(70, 70, 40), window, 40}, 1);
  compare<std::int16_t, std::int16_t>(random, {q::Shape(1, 1300, 130), q::Shape(1, 1300, 2)}, 1);
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
