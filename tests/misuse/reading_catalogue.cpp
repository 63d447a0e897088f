// SPDX-License-Identifier: Apache-2.0
// The sentences are tested by the cases beside this file.
#include <quench/misuse/reading_catalogue.hpp>

#include <doctest/doctest.h>
#include <type_traits>

namespace misuse = quench::misuse;

TEST_CASE("a fault may be named without being reported, and the same fault of two blocks is two rules") {
  struct Net {};
  using First = misuse::network_not_readable<Net, "left", quench::NetworkFault::HasBaseClass>;
  CHECK_FALSE(misuse::allowed<First>);
  CHECK_FALSE(std::is_same_v<First, misuse::network_not_readable<Net, "right", quench::NetworkFault::HasBaseClass>>);
}
