// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/description/names.hpp>

#include <doctest/doctest.h>

namespace d = quench::interop::detail;

TEST_CASE("description names: a dotted name has parts, and a number is no name") {
  CHECK(d::path_of("features.3.conv") == std::vector<std::string>{"features", "3", "conv"});
  CHECK(d::path_of("..a..b.") == std::vector<std::string>{"a", "b"});
  for (const char* none : {"", "17", "%12", "...", "3.1"}) CHECK(d::path_of(none).empty());
  std::string deep = "d";
  for (int i = 0; i < 100; ++i) deep += ".d";
  CHECK(d::path_of(deep).size() == 12);
  CHECK(d::is_place("0"));
  CHECK(d::is_place("120"));
  for (const char* other : {"", "012", "1x", "-1", "12345"}) CHECK_FALSE(d::is_place(other));
}

TEST_CASE("description names: identifiers") {
  const char* const pairs[][2] = {{"conv1", "conv1"},      {"a-b", "a_b"},        {"__A", "A"},
                                  {"a__b_", "a_b"},        {"\xc3\xa4", "layer"}, {"12", "layer_12"},
                                  {"1x", "layer_1x"},      {"int", "int_"},       {"std", "std_"},
                                  {"forward", "forward_"}, {"Inputs", "Inputs_"}, {"EOF", "eof"},
                                  {"NULL", "null"},        {"linux", "linux_"},   {"Q", "Q"},
                                  {"", "layer"},           {"a\n\"b", "a_b"},     {"co_await", "co_await_"}};
  for (const auto& [given, expected] : pairs) CHECK(d::identifier_of(given) == expected);
  CHECK(d::identifier_of(std::string(1000, 'z')).size() == 48);
}

TEST_CASE("description names: spellings") {
  CHECK(d::camel_case("inverted_residual") == "InvertedResidual");
  CHECK(d::camel_case("kernel_size2") == "KernelSize2");
  CHECK(d::snake_case("MobileNetV2") == "mobile_net_v2");
  CHECK(d::snake_case("LSTMCell") == "lstm_cell");
  CHECK(d::without_number("layer_12") == "layer");
  CHECK(d::for_comment("a\n#b\\") == "a?#b?");
  CHECK(d::for_comment(std::string(2000, 'z')).size() == 1003);
}

TEST_CASE("description names: each name once") {
  d::UniqueNames names;
  names.reserve("a_2");
  CHECK(names.take("a") == "a");
  CHECK(names.take("a") == "a_3");
  CHECK(names.take("int_") == "int_");
  CHECK(names.take("int_") == "int_2");
  CHECK(names.take("Out", "") == "Out");
  CHECK(names.take("Out", "") == "Out2");
}

TEST_CASE("description names: the operator of a call") {
  CHECK(d::function_of("$m.cat<0>($0, $1)") == "cat");
  CHECK(d::function_of("$m($0)") == "");
  CHECK(d::function_of("reshape($0, {2, -1})") == "reshape");
  REQUIRE(d::row_named("add_relu") != nullptr);
  CHECK(d::row_named("add_relu")->op == quench::Operator::AddReLU);
  CHECK(d::row_named("Conv3d") == nullptr);
}

TEST_CASE("description names: what is quench's is named so") {
  CHECK(d::qualified("{.padding = Padding::Same, .scale_factor = Fraction(2, 3)}") ==
        "{.padding = quench::Padding::Same, .scale_factor = quench::Fraction(2, 3)}");
  CHECK(d::qualified("{.mode = quench::InterpolationMode::Bilinear}") ==
        "{.mode = quench::InterpolationMode::Bilinear}");
}
