// SPDX-License-Identifier: Apache-2.0
// The sentences are tested by the cases `*-eager*.cpp` beside this file.
#include <quench/misuse/eager_catalogue.hpp>

#include <doctest/doctest.h>
#include <type_traits>

namespace misuse = quench::misuse;

TEST_CASE("a rule of eager code may be named without being broken, and is not that of descriptions") {
  using Eager = misuse::eager::missing_quant_stub<"a">;
  CHECK_FALSE(misuse::allowed<Eager>);
  CHECK_FALSE(std::is_same_v<Eager, misuse::eager::missing_quant_stub<"b">>);
  CHECK_FALSE(std::is_same_v<Eager, misuse::missing_quant_stub<"a", misuse::on_lines<>>>);
}
