// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/settings.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace i = quench::interop;
namespace d = quench::interop::detail;
using Numbers = std::vector<std::int64_t>;

namespace {

d::OnnxConstant list_of(Numbers values) { return {d::OnnxShape{std::ssize(values)}, std::move(values)}; }

i::OnnxNode node_with(std::string_view op, std::vector<std::string_view> inputs, std::size_t outputs = 1) {
  return {"", op, "", std::move(inputs), std::vector<std::string_view>(outputs, "y"), {}};
}

/// The shape that a view of [2, 3, 4] has; empty if it is refused.
d::OnnxShape viewed(std::string_view op, const Numbers& numbers, const d::OnnxShape& shape = {2, 3, 4}) {
  const i::OnnxNode n = node_with(op, {"x", "s"});
  d::OnnxCall call(n, 13);
  const d::OnnxConstant constant = list_of(numbers);
  try {
    return d::onnx_view(call, {nullptr, &constant}, shape, false);
  } catch (const quench::Error&) {
    return {};
  }
}

std::vector<d::OnnxRun> runs_of(const Numbers& starts, const Numbers& ends, const Numbers& axes, const Numbers& steps) {
  const i::OnnxNode n = node_with("Slice", {"x", "b", "e", "a", "s"});
  d::OnnxCall call(n, 13);
  const d::OnnxConstant b = list_of(starts), e = list_of(ends), a = list_of(axes), s = list_of(steps);
  return d::onnx_slice(call, {nullptr, &b, &e, &a, &s}, {2, 3, 4});
}

}  // namespace

TEST_CASE("reshapes infer one extent, and refuse what does not fit") {
  CHECK(viewed("Reshape", {0, -1}) == d::OnnxShape{2, 12});
  CHECK(viewed("Reshape", {24}) == d::OnnxShape{24});
  for (const Numbers& wrong : {Numbers{5, -1}, Numbers{-1, -1}, Numbers{2, 3, 5}, Numbers{-2}, Numbers{2, 3, 4, 0}})
    CHECK(viewed("Reshape", wrong).empty());
  CHECK(viewed("Reshape", {INT64_MAX, INT64_MAX}).empty());
  CHECK(viewed("Squeeze", {0}, {1, 3}) == d::OnnxShape{3});
  CHECK(viewed("Squeeze", {1}, {1, 3}).empty());
  CHECK(viewed("Unsqueeze", {0, -1}) == d::OnnxShape{1, 2, 3, 4, 1});
  CHECK(viewed("Unsqueeze", {0, 0}).empty());
}

TEST_CASE("slices are clamped as the standard has it") {
  CHECK(runs_of({0}, {INT64_MAX}, {1}, {1}).empty());
  const auto runs = runs_of({-2, 3}, {INT64_MAX, INT64_MIN}, {2, 1}, {1, -1});
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].begin == 2);
  CHECK(runs[0].count == 2);
  CHECK(runs[1].begin == 2);
  CHECK(runs[1].count == 3);
  CHECK(runs[1].step == -1);
  CHECK(slug_of([] { runs_of({0}, {1}, {3}, {1}); }) == "model-not-understood");
  CHECK(slug_of([] { runs_of({0}, {1}, {1}, {0}); }) == "model-not-understood");
  CHECK(slug_of([] { runs_of({0, 1}, {1}, {1}, {1}); }) == "model-not-understood");
}

TEST_CASE("parts of a split are as long as the axis") {
  const i::OnnxNode n = node_with("Split", {"x", "s"}, 2);
  const auto split = [&](const Numbers& sizes) {
    d::OnnxCall call(n, 13);
    const d::OnnxConstant constant = list_of(sizes);
    return d::onnx_split(call, {nullptr, &constant}, {6}).sizes;
  };
  CHECK(split({2, 4}) == Numbers{2, 4});
  CHECK(split({}) == Numbers{3, 3});
  for (const Numbers& wrong : {Numbers{2, 3}, Numbers{6}, Numbers{-1, 7}, Numbers{INT64_MAX, INT64_MAX}})
    CHECK(slug_of([&] { split(wrong); }) == "model-not-understood");
}

TEST_CASE("broadcast and transposed elements have their places") {
  CHECK(d::onnx_broadcast({2, 1}, {3}) == d::OnnxShape{2, 3});
  CHECK(slug_of([] { d::onnx_broadcast({2}, {3}); }) == "model-not-understood");
  CHECK(d::onnx_broadcast_places({2, 1}, {2, 3}) == std::vector<std::size_t>{0, 0, 0, 1, 1, 1});
  CHECK(d::onnx_transposed_places({2, 3}, {1, 0}) == std::vector<std::size_t>{0, 3, 1, 4, 2, 5});
}
