// SPDX-License-Identifier: Apache-2.0
#include <quench/training/operand.hpp>

#include <doctest/doctest.h>

TEST_CASE("a call counts the elements of all its samples, beyond what an int holds") {
  quench::training::Call call;
  call.samples = 1 << 16;
  call.y.shape = quench::Shape(1 << 10, 1 << 8);
  CHECK(call.y.sample_size() == 1 << 18);
  CHECK(call.size() == std::ptrdiff_t{1} << 34);
}
