// SPDX-License-Identifier: Apache-2.0
// The levels of this CPU, and what goes with them. An emulator's CPU is known: QUENCH_TEST_INT8_LEVEL names its best level.
#include <quench/host/int8/level.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "host/int8/levels.hpp"

namespace h = quench::host;

namespace {

bool is_arm(h::Int8Level level) { return level == h::Int8Level::Neon || level == h::Int8Level::NeonDotprod; }

}  // namespace

TEST_CASE("the levels of this CPU begin with the portable one, differ, and are of one architecture") {
  const auto& levels = h::int8_levels();
  REQUIRE(!levels.empty());
  CHECK(levels.front() == h::Int8Level::Portable);
  CHECK(h::best_int8_level() == levels.back());
  for (std::size_t i = 1; i < levels.size(); ++i) {
    CHECK(std::count(levels.begin(), levels.end(), levels[i]) == 1);
    CHECK(is_arm(levels[i]) == is_arm(levels.back()));
  }
}

TEST_CASE("plain loops of a level run on this CPU") {
  for (const h::Int8Level level : h::int8_levels()) CHECK(h::isa_of(level) <= h::best_isa());
}

TEST_CASE("only the levels of x86 raise codes") {
  CHECK(h::raise_of(h::Int8Level::Avx2) == 128);
  CHECK(h::raise_of(h::Int8Level::AvxVnni) == 128);
  CHECK(h::raise_of(h::Int8Level::Avx512Vnni) == 128);
  CHECK(h::raise_of(h::Int8Level::Avx512Vbmi) == 128);
  CHECK(h::raise_of(h::Int8Level::Neon) == 0);
  CHECK(h::raise_of(h::Int8Level::NeonDotprod) == 0);
}

TEST_CASE("the best level is the one that is said to be") {
  const char* expected = std::getenv("QUENCH_TEST_INT8_LEVEL");
  if (expected != nullptr) CHECK(levels::name_of(h::best_int8_level()) == expected);
}
