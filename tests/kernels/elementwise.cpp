// SPDX-License-Identifier: Apache-2.0
#include <quench/kernels/elementwise.hpp>

#include <doctest/doctest.h>

#include "kernels/definitions.hpp"
#include "kernels/operands.hpp"

namespace q = quench;
namespace k = quench::kernels;
using namespace definitions;

namespace {

constexpr bool repeats_by_hand() {
  constexpr int column[] = {10, 20}, row[] = {1, 2, 3}, expected[] = {11, 12, 13, 21, 22, 23};
  int y[6]{};
  k::combine(column, q::Shape(2, 1), row, q::Shape(1, 3), y, [](int a, int b) { return a + b; });
  for (int i = 0; i < 6; ++i)
    if (y[i] != expected[i]) return false;
  return true;
}

}  // namespace

static_assert(repeats_by_hand());

TEST_CASE("an axis of extent 1 is repeated") { CHECK(repeats_by_hand()); }

TEST_CASE("operands of any shapes are combined element by element") {
  CAPTURE(seed);
  Random random(seed);
  for (int draw = 0; draw < 1000; ++draw) {
    CAPTURE(draw);
    const Operands<std::int16_t, std::int8_t> operands(random);
    std::vector<std::int32_t> y(operands.elements());
    k::combine(operands.a.data(), operands.a_shape, operands.b.data(), operands.b_shape, y.data(),
               [](int a, int b) { return 1000 * a + b; });
    for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(y[i] == 1000 * operands.at_a(i) + operands.at_b(i));
  }
}
