// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/text.hpp>

#include <doctest/doctest.h>
#include <type_traits>

using quench::Text;
using quench::TextView;

namespace {

template <Text T>
struct Named {};

static_assert(std::is_same_v<Named<"conv">, Named<"conv">>);
static_assert(!std::is_same_v<Named<"conv">, Named<"con">>);
static_assert(!std::is_same_v<Named<"conv">, Named<"conw">>);

constexpr bool views_compare_by_characters() {
  const char buffer[] = {'c', 'o', 'n', 'v', '1'};
  return TextView(buffer, 4) == TextView("conv") && !(TextView(buffer, 5) == TextView("conv")) &&
         !(TextView(buffer, 3) == TextView("conv")) && TextView() == TextView("") &&
         TextView(Text("conv")) == TextView("conv");
}

constexpr bool inside_means_behind_a_dot() {
  const TextView name("layer1.0.conv");
  return name.is_inside("layer1") && name.is_inside("layer1.0") && !name.is_inside("layer") &&
         !name.is_inside("layer1.0.conv") && !name.is_inside("layer2") && !TextView(name.data, 6).is_inside("layer1") &&
         !TextView("a").is_inside("a.b");
}

}  // namespace

static_assert(views_compare_by_characters());
static_assert(inside_means_behind_a_dot());

TEST_CASE("views are equal if their characters are") { CHECK(views_compare_by_characters()); }
TEST_CASE("a name is inside a block behind a dot only") { CHECK(inside_means_behind_a_dot()); }
