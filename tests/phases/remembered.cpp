// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/remembered.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

namespace q = quench;

TEST_CASE("a value is found once, and again when it no longer holds") {
  q::phases::Remembered<int> remembered;
  int found = 0, truth = 3;
  const auto ask = [&](const q::phases::Remembered<int>& of) {
    return *of.get([&](int value) { return value == truth; }, [&] { return ++found, truth; });
  };
  CHECK(ask(remembered) == 3);
  CHECK(ask(remembered) == 3);
  CHECK(found == 1);
  const q::phases::Remembered<int> copy = remembered;
  CHECK(ask(copy) == 3);
  CHECK(found == 1);
  truth = 4;
  CHECK(ask(remembered) == 4);
  CHECK(found == 2);
  remembered.forget();
  CHECK(ask(remembered) == 4);
  CHECK(found == 3);
  const auto fail = [&]() -> int { throw std::runtime_error(""); };
  CHECK_THROWS(remembered.get([](int) { return false; }, fail));
  CHECK(ask(remembered) == 4);  // still there
  CHECK(found == 3);
}
