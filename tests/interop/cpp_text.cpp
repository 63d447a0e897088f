// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/cpp_text.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "tensors/throws.hpp"

namespace d = quench::interop::detail;

TEST_CASE("numbers are C++ texts that give back the same float") {
  CHECK(d::text_of(0.5f) == "0.5f");
  CHECK(d::text_of(6) == "6.0f");
  CHECK(d::text_of(1e-5f) == "1e-05f");
  CHECK(std::stof(d::text_of(1.0f / 3)) == 1.0f / 3);
  CHECK(slug_of([] { d::text_of(std::numeric_limits<float>::infinity()); }) == "model-not-understood");
}

TEST_CASE("lists and settings are written as a person writes them") {
  CHECK(d::text_of_list({2, -1}) == "{2, -1}");
  CHECK(d::text_of_pair({3, 3}) == "3");
  CHECK(d::text_of_pair({3, 5}) == "{3, 5}");
  d::CppSettings settings;
  CHECK(settings.text().empty());
  settings.add("kernel_size", 3);
  settings.add("bias", "false");
  CHECK(settings.text() == "{.kernel_size = 3, .bias = false}");
}

TEST_CASE("settings are read again from their text") {
  const std::string settings = "{.kernel_size = {3, 5}, .padding = Padding::Same, .stride = 2}";
  CHECK(d::setting_of(settings, "kernel_size", "1") == "{3, 5}");
  CHECK(d::setting_of(settings, "padding", "0") == "Padding::Same");
  CHECK(d::setting_of(settings, "size", "7") == "7");
  CHECK(d::setting_of("", "stride", "1") == "1");
  CHECK(d::integers_of("{3, -5}") == std::vector<std::int64_t>{3, -5});
  CHECK(d::integers_of("2") == std::vector<std::int64_t>{2});
  CHECK(slug_of([] { d::integers_of("{1, x}"); }) == "model-not-understood");
  CHECK(slug_of([] { d::integers_of("2.5"); }) == "model-not-understood");
}
