// SPDX-License-Identifier: Apache-2.0
// The least and the greatest value against a loop. On every instruction set: ordered.cpp.
#include <quench/host/observers/min_max.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

namespace host = quench::host;

namespace {

void check(const std::vector<float>& x) {
  float min = x[0], max = x[0];
  for (const float value : x) {
    min = std::min(min, value);
    max = std::max(max, value);
  }
  const host::MinMax found = host::min_max(x);
  CHECK(found.min == min);
  CHECK(found.max == max);
  CHECK(found.is_finite() == (std::isfinite(min) && std::isfinite(max)));
}

}  // namespace

TEST_CASE("the least and the greatest value are those of a loop") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const std::size_t size : {1u, 2u, 63u, 64u, 65u, 127u, 128u, 1000u})
    for (int round = 0; round < 20; ++round) {
      std::vector<float> x(size);
      for (float& value : x) value = std::ldexp(normal(random), static_cast<int>(random() % 200) - 100);
      if (round % 4 == 1)
        for (float& value : x) value = -std::abs(value);
      if (round % 4 == 2)
        for (float& value : x) value = std::abs(value);
      if (round % 4 == 3) x[random() % size] = std::numeric_limits<float>::infinity();
      check(x);
    }
  check({std::numeric_limits<float>::denorm_min(), -std::numeric_limits<float>::denorm_min()});
  check({std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()});
}

TEST_CASE("the smaller zero is the negative one") {
  const host::MinMax found = host::min_max(std::vector<float>{0.0f, -0.0f});
  CHECK(std::signbit(found.min));
  CHECK(!std::signbit(found.max));
}

TEST_CASE("a NaN of either sign shows at any position") {
  for (const std::size_t size : {1u, 64u, 65u, 200u})
    for (std::size_t at = 0; at < size; ++at)
      for (const float nan : {std::nanf(""), -std::nanf("")}) {
        std::vector<float> x(size, 1.0f);
        x[at] = nan;
        CHECK(!host::min_max(x).is_finite());
      }
}
