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

TEST_CASE("in training an error has the cure that fits training, if there is one, in and out of modules") {
  constexpr q::Diagnosis other{"some-slug", "something is wrong", "It matters.", "Calibrate.", "Train more slowly."},
      same{"some-slug", "something is wrong", "It matters.", "Do another thing."};
  const auto text_of = [](const q::Diagnosis& diagnosis, bool trains) -> std::string {
    try {
      q::in_module("net", [&] {
        const auto fail = [&] { q::in_module("conv", [&] { throw q::Error(diagnosis, "a").with_evidence("b"); }); };
        if (trains)
          q::in_training(fail);
        else
          fail();
      });
    } catch (const q::Error& error) {
      return error.with_evidence("c").what();
    }
    return "";
  };
  const std::string begin = "quench[some-slug]: net.conv: something is wrong (a; b; c). It matters. ";
  CHECK(text_of(other, true) == begin + "Train more slowly.");
  CHECK(text_of(other, false) == begin + "Calibrate.");
  CHECK(text_of(same, true) == begin + "Do another thing.");
  int value = 3;
  CHECK(&q::in_training([&]() -> int& { return value; }) == &value);
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
