// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/call.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace d = quench::interop::detail;

TEST_CASE("an attribute that nobody asks for is refused") {
  const i::OnnxNode node{"name", "Any", "", {"a", ""}, {"y"}, {{"axis", std::int64_t{2}}, {"alpha", 0.5f}}};
  d::OnnxCall call(node, 13);
  CHECK(call.title() == "Any \"name\"");
  CHECK(call.has_input(0));
  CHECK_FALSE(call.has_input(1));
  CHECK(call.integer("axis", 0) == 2);
  CHECK(call.integer("other", 7) == 7);
  CHECK(slug_of([&] { call.check_attributes(); }) == "model-not-understood");
  CHECK(slug_of([&] { call.integer("alpha", 0); }) == "model-not-understood");
  CHECK(call.real("alpha", 0) == 0.5f);
  call.check_attributes();
  call.check_inputs(1, 2);
  CHECK(slug_of([&] { call.check_inputs(2, 2); }) == "model-not-understood");
  CHECK(slug_of([&] { call.check_inputs(1, 1); }) == "model-not-understood");
}

TEST_CASE("axes count from the end, and stand once") {
  CHECK(d::onnx_axis(-1, 4) == 3);
  CHECK(d::onnx_axes({0, -2}, 4) == std::vector<std::size_t>{0, 2});
  for (const std::int64_t axis : {std::int64_t{4}, std::int64_t{-5}, INT64_MIN, INT64_MAX})
    CHECK(slug_of([&] { d::onnx_axis(axis, 4); }) == "model-not-understood");
  CHECK(slug_of([] { d::onnx_axes({1, -3}, 4); }) == "model-not-understood");
}
