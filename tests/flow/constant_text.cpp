// SPDX-License-Identifier: Apache-2.0
#include <quench/flow/constant_text.hpp>

#include <cstdlib>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("lists of constants have commas, and a new line after 24 values") {
  std::ostringstream out;
  q::detail::write_list(out, std::vector<int>(26, 7), [&](int value) { out << value; });
  const std::string text = out.str();
  CHECK(text.starts_with("7, 7, "));
  CHECK(text.ends_with("7,\n      7, 7"));
}

TEST_CASE("records and slopes are their fields in braces") {
  std::ostringstream out;
  q::detail::write_fields(out, q::Requantization{-20000, 3, 12});
  q::detail::write_fields(out, q::kernels::Slope{5, 31});
  q::detail::write_fields(out, q::kernels::RowWeight{16384, -7});
  CHECK(out.str() == "{-20000, 3, 12}{5, 31}{16384, -7}");
}

TEST_CASE("a float in hexadecimal is read as the same float") {
  for (const float value : {1.0f / 3, 0x1p-126f, 3.4e38f, 1.0f}) {
    const std::string text = q::detail::hexadecimal(value);
    CHECK(text.back() == 'f');
    CHECK(std::strtof(text.substr(0, text.size() - 1).c_str(), nullptr) == value);
  }
}

TEST_CASE("the extremes of int32 are written by name, as their digits are no int") {
  CHECK(q::detail::bound_text(INT32_MIN) == "INT32_MIN");
  CHECK(q::detail::bound_text(INT32_MAX) == "INT32_MAX");
  CHECK(q::detail::bound_text(-5) == "-5");
}
