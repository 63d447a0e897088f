// SPDX-License-Identifier: Apache-2.0
// Pools equal the kernels bit for bit, on every instruction set.
#include <quench/host/integer/pooling.hpp>

#include <doctest/doctest.h>

#include "host/isas.hpp"
#include "kernels/definitions.hpp"

namespace q = quench;
namespace d = definitions;

namespace {

q::kernels::Pool some_pool(d::Random& random) {
  const int channels = d::uniform(random, 0, 3) == 0 ? d::uniform(random, 60, 140) : d::uniform(random, 1, 20);
  q::kernels::Window window;
  window.kernel_size = {d::uniform(random, 1, 4), d::uniform(random, 1, 4)};
  window.stride = {d::uniform(random, 1, 3), d::uniform(random, 1, 3)};
  window.padding = {d::uniform(random, 0, 2), d::uniform(random, 0, 2)};
  window.dilation = {d::uniform(random, 1, 2), d::uniform(random, 1, 2)};
  const int height = 7 + d::uniform(random, 0, 5), width = 7 + d::uniform(random, 0, 5);
  const auto out = [](int x, int k, int s, int p, int dilation) {
    return (x + 2 * p - dilation * (k - 1) - 1) / s + 1;
  };
  const int more = d::uniform(random, 0, 2) / 2;  // windows that meet further padding at the end
  return {
      q::Shape(height, width, channels),
      q::Shape(
          out(height, window.kernel_size.height, window.stride.height, window.padding.height, window.dilation.height) +
              more,
          out(width, window.kernel_size.width, window.stride.width, window.padding.width, window.dilation.width) + more,
          channels),
      window};
}

template <class T>
void compare(d::Random& random) {
  const q::kernels::Pool pool = some_pool(random);
  const auto x = d::codes<T>(random, pool.x.elements());
  std::vector<T> expected(static_cast<std::size_t>(pool.y.elements())), given(expected.size());
  const q::Requantization record{static_cast<std::int16_t>(d::uniform(random, 16384, 32767)), 0,
                                 static_cast<std::uint8_t>(d::uniform(random, 10, 20))};
  for (const q::host::Isa isa : isas()) {
    q::kernels::max_pool2d(x.data(), expected.data(), pool);
    q::host::max_pool2d(x.data(), given.data(), pool, isa);
    REQUIRE(given == expected);
    q::kernels::avg_pool2d(x.data(), expected.data(), pool, record);
    for (T& code : expected) code = std::max(code, T{-3});
    q::host::avg_pool2d(x.data(), given.data(), pool, record, -3, INT32_MAX, isa);
    REQUIRE(given == expected);
  }
}

}  // namespace

TEST_CASE("pools equal the kernels, for windows that overlap the padding and any number of channels") {
  constexpr unsigned seed = 20261126;
  CAPTURE(seed);
  d::Random random(seed);
  for (int draw = 0; draw < 200; ++draw) {
    CAPTURE(draw);
    compare<std::int8_t>(random);
    compare<std::int16_t>(random);
  }
}
