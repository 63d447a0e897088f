// SPDX-License-Identifier: Apache-2.0
// Run-time errors: their text, their module.
#include <quench/tensors/error.hpp>

#include <doctest/doctest.h>

namespace q = quench;

TEST_CASE("an error says slug, module, what is wrong, evidence, why, cure") {
  constexpr q::Diagnosis diagnosis{"some-slug", "something is wrong", "It matters.", "Do another thing."};
  const q::Error error(diagnosis, "element 3 is nan", "conv1");
  CHECK(std::string(error.what()) ==
        "quench[some-slug]: conv1: something is wrong (element 3 is nan). It matters. Do another thing.");
  CHECK(error.slug() == q::TextView("some-slug"));
  CHECK(error.module() == "conv1");
  CHECK(error.evidence() == "element 3 is nan");
  CHECK(std::string(q::Error(diagnosis, "").what()) ==
        "quench[some-slug]: something is wrong. It matters. Do another thing.");
}

TEST_CASE("names of modules are put together from the outside in") {
  const auto fail = [] { throw q::Error(q::diagnosis::empty_input, ""); };
  try {
    q::in_module("net", [&] { q::in_module("block0", [&] { q::in_module("conv", fail); }); });
    FAIL("nothing was thrown");
  } catch (const q::Error& error) {
    CHECK(error.module() == "net.block0.conv");
    CHECK(std::string(error.what()).starts_with("quench[empty-input]: net.block0.conv: there is no data. "));
  }
}

TEST_CASE("a call that throws nothing gives its result, a reference as a reference") {
  int value = 3;
  int& result = q::in_module("net", [&]() -> int& { return value; });
  CHECK(&result == &value);
}
