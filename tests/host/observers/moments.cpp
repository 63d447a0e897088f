// SPDX-License-Identifier: Apache-2.0
// Mean and spread against long double, on every instruction set.
#include <quench/host/observers/moments.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "host/isas.hpp"

namespace host = quench::host;

TEST_CASE("mean and squares are those of long double, the same on every instruction set") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const std::size_t size : {1u, 2u, 15u, 16u, 17u, 1000u, 30001u})
    for (const float offset : {0.0f, -3.0f, 1e6f, 1e37f}) {
      std::vector<float> x(size);
      for (float& value : x) value = normal(random) * (offset > 1e30f ? 1e37f : 1) + offset;
      long double sum = 0, squares = 0;
      for (const float value : x) sum += static_cast<long double>(value);
      const long double mean = sum / static_cast<long double>(size);
      for (const float value : x)
        squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
      const host::Moments found = host::moments(x);
      CHECK(found.size == static_cast<double>(size));
      CHECK(found.mean == doctest::Approx(static_cast<double>(mean)).epsilon(1e-12));
      CHECK(found.squares == doctest::Approx(static_cast<double>(squares)).epsilon(1e-9));
      for (const host::Isa isa : isas()) {
        const host::Moments other = host::moments(x, isa);
        CHECK(other.mean == found.mean);
        CHECK(other.squares == found.squares);
      }
    }
}
