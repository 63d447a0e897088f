// SPDX-License-Identifier: Apache-2.0
// The sentences are tested by the cases beside this file.
#include <quench/misuse/setter_catalogue.hpp>

#include <doctest/doctest.h>
#include <type_traits>

namespace misuse = quench::misuse;

TEST_CASE("a rule may be named without being broken, and another reason is another rule") {
  using First = misuse::rule_without_effect<"Conv2d", misuse::an_earlier_rule_decides>;
  CHECK_FALSE(misuse::allowed<First>);
  CHECK_FALSE(std::is_same_v<First, misuse::rule_without_effect<"Conv2d", misuse::no_module_of_this_kind>>);
}
