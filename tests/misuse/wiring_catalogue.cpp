// SPDX-License-Identifier: Apache-2.0
// The sentences are tested by the cases beside this file.
#include <quench/misuse/wiring_catalogue.hpp>

#include <doctest/doctest.h>
#include <type_traits>

namespace misuse = quench::misuse;

TEST_CASE("two inputs that nothing uses are two rules, and either may be named") {
  using First = misuse::input_never_used<misuse::input<0>>;
  CHECK_FALSE(misuse::allowed<First>);
  CHECK_FALSE(std::is_same_v<First, misuse::input_never_used<misuse::input<1>>>);
}
