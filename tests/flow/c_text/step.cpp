// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/c_text/step.hpp>

#include <stdexcept>

#include <doctest/doctest.h>

namespace q = quench;
namespace c = quench::detail::c_text;

TEST_CASE("holes are filled, and a line of an empty hole is left out") {
  const c::Holes holes{{"a", "1"}, {"none", ""}};
  CHECK(c::fill("x = $a;\n  $none\n${a}_run$none($a)\n\nend", holes) == "x = 1;\n1_run(1)\n\nend");
  CHECK_THROWS_AS(c::fill("$b", holes), std::out_of_range);
}

TEST_CASE("sums leave out factors of one and constants of zero") {
  CHECK(c::sum_of({{"oy", 1}, {"ky", 2}}, -3) == "oy + ky * 2 - 3");
  CHECK(c::sum_of({{"oy", 4}}, 0) == "oy * 4");
  CHECK(c::sum_of({}, 5) == "5");
}

TEST_CASE("loops and places leave out axes of extent one, and places those that are repeated") {
  const q::Shape shape(3, 1, 4);
  const c::Loops loops(shape, 1);
  CHECK(loops.text == "    for (int32_t i0 = 0; i0 < 3; ++i0)\n        for (int32_t i2 = 0; i2 < 4; ++i2)\n");
  CHECK(loops.depth == 3);
  CHECK(c::place_of(shape, q::kernels::strides_of(shape)) == "i0 * 4 + i2");
  CHECK(c::place_of(shape, q::kernels::broadcast_strides(q::Shape(3, 1, 1)), 7) == "i0 + 7");
  CHECK(c::place_of(q::Shape(1), q::kernels::strides_of(q::Shape(1))) == "0");
}

TEST_CASE("a value at an equal scale is not rescaled") {
  CHECK(c::Step::rescaled("x", q::kernels::same_scale) == "x");
  CHECK(c::Step::rescaled("x", {20000, 0, 14}) == "scaled(x, 20000, 0, 14)");
}
