// SPDX-License-Identifier: Apache-2.0
#include <quench/ground/version.hpp>

#include <doctest/doctest.h>

// CMake reads the version out of the header's text; it hands back here what it read.
TEST_CASE("the build has read the version of the header") {
  CHECK(QUENCH_TEST_VERSION_MAJOR == quench::version_major);
  CHECK(QUENCH_TEST_VERSION_MINOR == quench::version_minor);
  CHECK(QUENCH_TEST_VERSION_PATCH == quench::version_patch);
}
