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

struct Misspelt {
  using Tie = q::Ties<q::Tie<"a", "b">>;
};
struct LowerCase {
  using ties = q::Tie<"a", "b">;
};
struct NoList {
  using Ties = int;
};
struct Shortened {
  using Tie = q::Tie<"a", "b">;
  using Ties = q::Ties<Tie>;
};
struct BlockOfThatName {
  struct Tie {};
  Tie tie{};
};

constexpr bool other_names_are_not_read() {
  return q::detail::HasTiesUnread<Misspelt> && q::detail::HasTiesUnread<LowerCase> &&
         q::detail::HasTiesUnread<NoList> && !q::detail::HasTiesUnread<Shortened> && !q::detail::HasTiesUnread<Tied> &&
         !q::detail::HasTiesUnread<Untied> && !q::detail::HasTiesUnread<BlockOfThatName> &&
         q::ties_of<Misspelt>::count == 0 && q::ties_of<NoList>::count == 0;
}

}  // namespace

static_assert(ties_are_read());
static_assert(other_names_are_not_read());

TEST_CASE("a network declares its ties, or has none") { CHECK(ties_are_read()); }
TEST_CASE("ties under another name are noticed") { CHECK(other_names_are_not_read()); }
