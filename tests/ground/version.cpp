// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/version.hpp>

#include <doctest/doctest.h>

// CMake reads the version out of the header's text; it hands back here what it read.
TEST_CASE("the build has read the version of the header") {
  CHECK(QUENCH_TEST_VERSION_MAJOR == quench::version_major);
  CHECK(QUENCH_TEST_VERSION_MINOR == quench::version_minor);
  CHECK(QUENCH_TEST_VERSION_PATCH == quench::version_patch);
}

// A program asks with `#if` before it uses what a version brought.
#if QUENCH_VERSION < 300 || QUENCH_VERSION_MAJOR > 0
#error the version counts two digits for each number after the first
#endif
static_assert(QUENCH_VERSION == quench::version_major * 10000 + quench::version_minor * 100 + quench::version_patch);
