// SPDX-License-Identifier: Apache-2.0
// What a broken rule looks like is the matter of tests/misuse; here only that it costs nothing where it is not called.
#include <quench/flow/broken_rule.hpp>

#include <doctest/doctest.h>

#include <type_traits>

namespace {

struct Rule {};

}  // namespace

TEST_CASE("a function that breaks a rule claims to give what the right one gives") {
  static_assert(std::is_same_v<decltype(quench::detail::broken<Rule, int>()), int>);
  CHECK(std::is_empty_v<Rule>);
}
