// SPDX-License-Identifier: Apache-2.0
#include <quench/network/ties.hpp>

#include <doctest/doctest.h>

namespace q = quench;

namespace {

struct Untied {};
struct Tied {
  using Ties = q::Ties<q::Tie<"a", "b">, q::Tie<"b", "long.name">>;
};

constexpr bool ties_are_read() {
  using Ties = q::ties_of<Tied>;
  return q::ties_of<Untied>::count == 0 && Ties::count == 2 && Ties::first[0] == q::TextView("a") &&
         Ties::second[0] == q::TextView("b") && Ties::first[1] == q::TextView("b") &&
         Ties::second[1] == q::TextView("long.name");
}

}  // namespace

static_assert(ties_are_read());

TEST_CASE("a network declares its ties, or has none") { CHECK(ties_are_read()); }
