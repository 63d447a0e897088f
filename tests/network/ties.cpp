// SPDX-License-Identifier: Apache-2.0
#include <quench/network/ties.hpp>

#include <doctest/doctest.h>

namespace q = quench;

namespace {

struct Untied {};
struct TiesTied {
  using Ties = q::Ties<q::Tie<"a", "b">, q::TiedScale<"a", "long.name", "c">, q::Tie<"b", "c", "d">>;
};
struct Alone {
  using Ties = q::TiedScale<"a", "b">;
};

constexpr bool is(const q::NamedTie& tie, q::TextView first, q::TextView second, bool is_of_scale) {
  return tie.first == first && tie.second == second && tie.is_of_scale == is_of_scale;
}

constexpr bool ties_are_read() {
  using Ties = q::ties_of<TiesTied>;
  return q::ties_of<Untied>::count == 0 && Ties::count == 5 && is(Ties::list[0], "a", "b", false) &&
         is(Ties::list[1], "a", "long.name", true) && is(Ties::list[2], "a", "c", true) &&
         is(Ties::list[3], "b", "c", false) && is(Ties::list[4], "b", "d", false) && q::ties_of<Alone>::count == 1 &&
         is(q::ties_of<Alone>::list[0], "a", "b", true);
}

struct Misspelt {
  using Tie = q::Ties<q::Tie<"a", "b">>;
};
struct LowerCase {
  using ties = q::Tie<"a", "b">;
};
struct ScaleAlone {
  using TiedScale = q::TiedScale<"a", "b">;
};
struct ScaleList {
  using TiedScales = q::Ties<q::TiedScale<"a", "b">>;
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
         q::detail::HasTiesUnread<NoList> && q::detail::HasTiesUnread<ScaleAlone> &&
         q::detail::HasTiesUnread<ScaleList> && !q::detail::HasTiesUnread<Shortened> &&
         !q::detail::HasTiesUnread<TiesTied> && !q::detail::HasTiesUnread<Untied> &&
         !q::detail::HasTiesUnread<BlockOfThatName> && q::ties_of<Misspelt>::count == 0 &&
         q::ties_of<NoList>::count == 0;
}

}  // namespace

static_assert(ties_are_read());
static_assert(other_names_are_not_read());

TEST_CASE("a network declares its ties, or has none") { CHECK(ties_are_read()); }
TEST_CASE("ties under another name are noticed") { CHECK(other_names_are_not_read()); }
