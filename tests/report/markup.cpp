// SPDX-License-Identifier: Apache-2.0
#include <quench/report/markup.hpp>

#include <doctest/doctest.h>

namespace detail = quench::detail;

TEST_CASE("names that look like tags stay names") {
  CHECK(detail::html_text("Net<3, \"a&b\">'s") == "Net&lt;3, &quot;a&amp;b&quot;&gt;&#39;s");
  CHECK(detail::html_text("layer1.0.conv") == "layer1.0.conv");
  CHECK(detail::dot_text("Net<\"a\\n\">") == "Net<\\\"a\\\\n\\\">");
}

TEST_CASE("coordinates are short") {
  CHECK(detail::coordinate(12) == "12");
  CHECK(detail::coordinate(-0.04) == "0");
  CHECK(detail::coordinate(-0.5) == "-0.5");
  CHECK(detail::coordinate(1234.56) == "1234.6");
}

TEST_CASE("elements end as they begin") {
  CHECK(detail::element("td class=number", "1") == "<td class=number>1</td>");
  CHECK(detail::described("a<b", "c&d") == "<title>a&lt;b</title><desc>c&amp;d</desc>");
}
