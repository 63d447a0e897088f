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

// Windows that share the map; or sliding windows of which a mean does not count all padding.
q::kernels::Pool some_uneven_pool(d::Random& random) {
  q::kernels::Pool pool = some_pool(random);
  if (d::uniform(random, 0, 1) == 0) {
    pool.is_adaptive = true;
    pool.window = {};
    pool.y = q::Shape{d::uniform(random, 1, 14), d::uniform(random, 1, 14), pool.x[2]};
    return pool;
  }
  pool.window.dilation = {1, 1};
  pool.window.padding = {pool.window.kernel_size.height / 2, pool.window.kernel_size.width / 2};
  pool.y = q::Shape((pool.x[0] - 1) / pool.window.stride.height + 1, (pool.x[1] - 1) / pool.window.stride.width + 1,
                    pool.x[2]);
  return pool;
}

template <class T>
void compare_uneven(d::Random& random) {
  const q::kernels::Pool pool = some_uneven_pool(random);
  const auto x = d::codes<T>(random, pool.x.elements());
  std::vector<T> expected(static_cast<std::size_t>(pool.y.elements())), given(expected.size());
  constexpr int most = 13 * 13;
  std::vector<q::Requantization> records;
  std::vector<int> counts;
  for (int count = 1; count <= most; ++count) {
    records.push_back({static_cast<std::int16_t>(d::uniform(random, 16384, 32767)),
                       static_cast<std::uint8_t>(d::uniform(random, 0, 2)),
                       static_cast<std::uint8_t>(d::uniform(random, 12, 20))});
    counts.push_back(count);
  }
  const q::kernels::MeanRecords means(records.data(), counts.data());
  for (const q::host::Isa isa : isas()) {
    q::kernels::max_pool2d(x.data(), expected.data(), pool);
    q::host::max_pool2d(x.data(), given.data(), pool, isa);
    REQUIRE(given == expected);
    q::kernels::avg_pool2d(x.data(), expected.data(), pool, means);
    for (T& code : expected) code = std::clamp(code, T{-3}, T{100});
    q::host::avg_pool2d(x.data(), given.data(), pool, means, -3, 100, isa);
    REQUIRE(given == expected);
  }
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

TEST_CASE("pools whose windows differ in size equal the kernels") {
  constexpr unsigned seed = 20261130;
  CAPTURE(seed);
  d::Random random(seed);
  for (int draw = 0; draw < 200; ++draw) {
    CAPTURE(draw);
    compare_uneven<std::int8_t>(random);
    compare_uneven<std::int16_t>(random);
  }
}
