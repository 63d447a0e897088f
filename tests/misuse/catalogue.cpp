// SPDX-License-Identifier: Apache-2.0
// The sentences themselves are tested by the cases beside this file: one for each rule, each built with its mistake.
#include <quench/misuse/catalogue.hpp>

#include <doctest/doctest.h>
#include <type_traits>

namespace misuse = quench::misuse;

TEST_CASE("a rule may be named without being broken, and broken rules with other evidence are other rules") {
  using First = misuse::shape_mismatch<"a", misuse::given<1, 2>, misuse::needed<1, 3>, misuse::on_lines<4>>;
  using Second = misuse::shape_mismatch<"b", misuse::given<1, 2>, misuse::needed<1, 3>, misuse::on_lines<4>>;
  CHECK_FALSE(std::is_same_v<First, Second>);
  CHECK_FALSE(misuse::allowed<First>);
}
