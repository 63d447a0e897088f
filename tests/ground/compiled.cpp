// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/compiled.hpp>

#include <doctest/doctest.h>

#include <string_view>

#define QUENCH_TEXT_OF(...) #__VA_ARGS__
#define QUENCH_TEXT(macro) QUENCH_TEXT_OF(macro)

TEST_CASE("bodies are inline unless a library has them") {
#if defined(QUENCH_SEPARATE_COMPILATION)
  CHECK(QUENCH_HEADER_ONLY == 0);
  CHECK(std::string_view(QUENCH_TEXT(QUENCH_INLINE)).empty());
#else
  CHECK(QUENCH_HEADER_ONLY == 1);
  CHECK(std::string_view(QUENCH_TEXT(QUENCH_INLINE)) == "inline");
#endif
}

#undef QUENCH_TEXT
#undef QUENCH_TEXT_OF
