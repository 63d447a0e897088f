// SPDX-License-Identifier: Apache-2.0
// description_format.py compares whole files with clang-format.
#include <quench/interop/description/layout.hpp>

#include <doctest/doctest.h>

namespace d = quench::interop::detail;

TEST_CASE("description layout: items between brackets") {
  using Items = std::vector<std::string>;
  CHECK(d::items_of("{a, f(b, c), {1, 2}}") == Items{"a", "f(b, c)", "{1, 2}"});
  CHECK(d::items_of("std::tuple<A<1, 2>, B>") == Items{"A<1, 2>", "B"});
  CHECK(d::items_of("x = std::get<0>(y).cat(a, b)") == Items{"a", "b"});
  CHECK(d::items_of("{}").empty());
}

TEST_CASE("description layout: members") {
  CHECK(d::member_lines("quench::ReLU", "relu", "") == "  quench::ReLU relu;\n");
  CHECK(
      d::member_lines("quench::Conv2d", "conv",
                      "{.in_channels = 100, .out_channels = 3200, .kernel_size = 3, .stride = 2, .padding = {1, 2, 3, "
                      "4}, .groups = 4}") ==
      "  quench::Conv2d conv{\n      .in_channels = 100, .out_channels = 3200, .kernel_size = 3, .stride = 2, .padding "
      "= "
      "{1, 2, 3, 4}, .groups = 4};\n");
  CHECK(d::member_lines("quench::Conv2d", "conv",
                        "{.in_channels = 100, .out_channels = 3200, .kernel_size = 3, .stride = 2, .padding = 2, "
                        ".dilation = 2, .groups = 4}") ==
        "  quench::Conv2d conv{.in_channels = 100,\n                      .out_channels = 3200,\n                      "
        ".kernel_size = 3,\n                      .stride = 2,\n                      .padding = 2,\n                  "
        "    "
        ".dilation = 2,\n                      .groups = 4};\n");
}

TEST_CASE("description layout: forward in one line, or with variables") {
  d::WrittenForward forward;
  forward.calls = {{"conv($0)", {0}}, {"bn($0)", {1}}, {"add.add($0, $1)", {0, 2}}};
  forward.results = {3};
  CHECK(d::forward_lines(forward) == "  constexpr auto forward(auto x) const { return add.add(x, bn(conv(x))); }\n");
  // No name of a member, and two results, each with the call around it.
  forward.taken = {"x", "z"};
  forward.calls = {{"left($0)", {0}}, {"right($0)", {0}}, {"add.add($0, $1)", {1, 2}}, {"split.forward($0)", {3}, 2}};
  forward.results = {4, 5, 5};
  forward.around_results = "dequant";
  CHECK(d::forward_lines(forward) ==
        "  constexpr auto forward(auto y) const {\n"
        "    auto u = left(y);\n"
        "    auto [v, w] = split.forward(add.add(u, right(y)));\n"
        "    return std::tuple{dequant(v), dequant(w), dequant(w)};\n"
        "  }\n");
}

TEST_CASE("description layout: a variable keeps its value as long as it is used") {
  d::WrittenForward forward;
  forward.calls = {
      {"a($0)", {0}}, {"b($0)", {1}}, {"c($0)", {1}}, {"add.add($0, $1)", {2, 3}}, {"add2.add($0, $1)", {0, 4}}};
  forward.results = {5};
  CHECK(d::forward_lines(forward) ==
        "  constexpr auto forward(auto x) const {\n"
        "    auto y = a(x);\n"
        "    auto z = b(y);\n"
        "    return add2.add(x, add.add(z, c(y)));\n"
        "  }\n");
}
