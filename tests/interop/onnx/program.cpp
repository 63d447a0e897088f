// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/program.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace d = quench::interop::detail;

namespace {

std::vector<std::string> calls_of(const d::OnnxProgram& program) {
  std::vector<std::string> texts;
  for (const d::OnnxStep& step : program.steps()) texts.push_back(step.step.call);
  return texts;
}

}  // namespace

TEST_CASE("a view is brought into another order by the fewest calls, once") {
  d::OnnxProgram program(1, true, 0);
  const d::OnnxView map = program.add_input({4, 6, 10}, {2, 3, 1}, 4, 0);
  CHECK(program.as_map(map) == map);
  CHECK(program.as_axes(map).order == std::vector<std::size_t>{2, 3, 1});
  const d::OnnxView first = program.in_order(map, {1, 2, 3});
  CHECK(first.shape == d::OnnxShape{10, 4, 6});
  CHECK(program.in_order(map, {1, 2, 3}) == first);
  CHECK(calls_of(program) == std::vector<std::string>{"permute($0, {2, 0, 1})"});
  CHECK(program.as_map(first).shape == map.shape);
}

TEST_CASE("a flattened map is flattened as it lies, and its places are known") {
  d::OnnxProgram program(1, true, 0);
  d::OnnxView x = program.add_input({1, 2, 3}, {2, 3, 1}, 4, 0);
  REQUIRE(x.reshape({1, 6}, 1));
  const d::OnnxProgram::Last last = program.with_last(x, {1}, true);
  CHECK(calls_of(program) == std::vector<std::string>{"flatten($0)"});
  CHECK(last.places() == std::vector<std::size_t>{0, 2, 4, 1, 3, 5});
  CHECK(slug_of([&] { program.with_last(x, {0}, true); }) == "model-not-understood");
}

TEST_CASE("calls without a result that quench can have are refused") {
  d::OnnxProgram program(1, true, 0);
  program.add_input({4}, {1}, 2, 0);
  const auto said = [&](d::OnnxShape shape) {
    return slug_of([&] { program.emit({.call = "flatten($0)", .inputs = {0}, .shape = shape}); });
  };
  CHECK(said({0}) == "model-not-understood");
  CHECK(said({2, 2, 2, 2, 2, 2, 2}) == "model-not-understood");
  CHECK(said({1 << 30, 4}) == "model-not-understood");
  CHECK(program.steps().empty());
}

TEST_CASE("an input takes the order that a convolution wants") {
  d::OnnxProgram program(1, true, 0);
  const d::OnnxView x = program.add_input({3, 8, 8}, {1, 2, 3}, 4, 0);
  program.as_map(program.apply(x, "ReLU"));
  CHECK(program.wanted_orders().at(0) == std::vector<std::size_t>{1, 2, 0});
}
