// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/c_text/helpers.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("a text of C gets the functions that it uses, after those that they use, and no others") {
  const std::string text = q::detail::c_text::helpers_of("x = scaled(y, 1, 2, 3);  // not interpolate\n");
  const std::size_t clamp = text.find("int32_t clamp("), shift = text.find("int32_t floor_shift("),
                    scaled = text.find("int32_t scaled(");
  CHECK(clamp < scaled);
  CHECK(shift < scaled);
  CHECK(scaled != std::string::npos);
  CHECK(text.find("interpolate(") == std::string::npos);
  CHECK(text.find("scaled_by(") == std::string::npos);
  CHECK(q::detail::c_text::helpers_of("y[i] = x[i];").empty());
}

TEST_CASE("structs stand before the functions in C that take them") {
  const std::string text = q::detail::c_text::helpers_of("interpolate(x, &t)");
  CHECK(text.find("struct slope {") < text.find("struct piecewise {"));
  CHECK(text.find("struct piecewise {") < text.find("int32_t interpolate("));
}
