// SPDX-License-Identifier: Apache-2.0
#include <quench/report/page_style.hpp>

#include <doctest/doctest.h>

#include <algorithm>

TEST_CASE("style and script contain no tags, and all braces are closed") {
  for (const std::string_view text : {quench::detail::page_style, quench::detail::page_script}) {
    CHECK(text.find("</") == std::string_view::npos);
    CHECK(std::count(text.begin(), text.end(), '{') == std::count(text.begin(), text.end(), '}'));
    CHECK(std::count(text.begin(), text.end(), '(') == std::count(text.begin(), text.end(), ')'));
  }
}

TEST_CASE("each colour is named for a light and for a dark page, and no other colour is used") {
  const std::string_view style = quench::detail::page_style;
  const std::size_t dark = style.find("@media (prefers-color-scheme: dark)"), rules = style.find("* {");
  for (const char* name : {"--paper: #", "--surface: #", "--ink: #", "--muted: #", "--line: #", "--accent: #",
                           "--band: #", "--bar: #", "--poor: #", "--fair: #", "--good: #"}) {
    CAPTURE(name);
    CHECK(style.find(name) < dark);
    CHECK(style.find(name, dark) < rules);
  }
  CHECK(style.find('#', rules) == std::string_view::npos);
}
