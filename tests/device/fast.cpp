// SPDX-License-Identifier: Apache-2.0
// The kernels that an engine calls on a host are the definition. tests/bare_metal/fast_kernels.cpp has those of devices.
#include <quench/device/fast.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("the engine's add_relu is the sum without negative codes") {
  const q::Shape shape(1, 6);
  const std::int8_t a[] = {-100, -3, 0, 5, 90, 127}, b[] = {-100, 1, 0, -9, 90, 127};
  const q::kernels::Addition addition{.shift = 8, .multiplier = 256, .requantization = {16384, 0, 22}, .high = 100};
  std::int8_t y[6], expected[6];
  q::device::fast::add_relu(a, shape, b, shape, y, addition);
  q::kernels::add_relu(a, shape, b, shape, expected, addition);
  for (int i = 0; i < 6; ++i) CHECK(y[i] == expected[i]);
  CHECK(y[0] == 0);
  CHECK(y[4] == 100);
}
