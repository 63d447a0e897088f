// SPDX-License-Identifier: Apache-2.0
// Which names an exported struct can have. tests/flow/export_cpp.cpp tests that the export asks.
#include <quench/flow/exported_name.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("a name is used if it is a whole word, no member and not in a comment") {
  constexpr std::string_view text = "int a_1[] = {.b = x::c};  // d e\n";
  CHECK(q::detail::uses_name(text, "a_1"));
  CHECK(q::detail::uses_name(text, "x"));
  for (const char* name : {"a", "_1", "b", "c", "d", "e"}) CHECK_FALSE(q::detail::uses_name(text, name));
}

TEST_CASE("keywords, reserved names and names of the C library are reserved") {
  for (const char* name : {"class", "linux", "errno", "tm", "size_t", "INT8_MAX", "INT64_C", "_a", "a__b"})
    CHECK(q::detail::is_reserved(name));
  for (const char* name : {"weights", "Net", "NET", "a_1", "format", "t", "classes"})
    CHECK_FALSE(q::detail::is_reserved(name));
}
