// SPDX-License-Identifier: Apache-2.0
// Integers in the order of floats, and their least and greatest, against comparisons one after the other.
#include <quench/host/observers/ordered.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "host/isas.hpp"

namespace host = quench::host;

namespace {

constexpr unsigned order_seed = 20261130;

std::int32_t ordered(float x) { return host::detail::ordered(std::bit_cast<std::int32_t>(x)); }
float any_float(std::mt19937& random) {
  float x = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  while (std::isnan(x)) x = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  return x;
}

}  // namespace

TEST_CASE("integers of floats compare as the floats do, and become them again") {
  CAPTURE(order_seed);
  std::mt19937 random(order_seed);
  for (int draw = 0; draw < 100'000; ++draw) {
    const float a = any_float(random), b = random() % 2 == 0 ? any_float(random) : std::nextafter(a, any_float(random));
    CAPTURE(a);
    CAPTURE(b);
    if (a != 0 || b != 0) REQUIRE((ordered(a) < ordered(b)) == (a < b));
    REQUIRE(host::detail::ordered(ordered(a)) == std::bit_cast<std::int32_t>(a));
  }
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(ordered(-0.0f) < ordered(0.0f));
  CHECK(ordered(std::nanf("")) > ordered(infinity));
  CHECK(ordered(-std::nanf("")) < ordered(-infinity));
}

TEST_CASE("the least and the greatest integer are those of a loop, on every instruction set") {
  CAPTURE(order_seed);
  std::mt19937 random(order_seed);
  for (const std::size_t size : {0u, 1u, 2u, 63u, 64u, 65u, 127u, 128u, 129u, 1000u})
    for (int draw = 0; draw < 20; ++draw) {
      CAPTURE(size);
      std::vector<float> x(size);
      std::int64_t least = INT32_MAX, greatest = INT32_MIN;
      for (float& value : x) {
        value = draw % 3 == 0 ? any_float(random) : std::abs(any_float(random)) * (draw % 3 == 1 ? 1.0f : -1.0f);
        least = ordered(value) < least ? ordered(value) : least;
        greatest = ordered(value) > greatest ? ordered(value) : greatest;
      }
      for (const host::Isa isa : isas()) {
        CAPTURE(static_cast<int>(isa));
        const auto found = host::run_for<host::detail::MinMaxKernel>(isa, x.data(), size);
        CHECK(found.min == least);
        CHECK(found.max == greatest);
      }
    }
}
