// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/constant.hpp>

#include <doctest/doctest.h>

#include "tensors/throws.hpp"

namespace d = quench::interop::detail;

TEST_CASE("the elements of a shape do not overflow") {
  CHECK(d::elements_of({}) == 1);
  CHECK(d::elements_of({3, 4}) == 12);
  CHECK(d::elements_of({std::int64_t{1} << 40, std::int64_t{1} << 40}) == std::int64_t{1} << 31);
  CHECK(d::elements_of({std::int64_t{1} << 62, 0}) == 0);
}

TEST_CASE("a budget refuses more elements than it has") {
  d::OnnxFoldBudget budget(10);
  budget.take(6);
  CHECK(slug_of([&] { budget.take(5); }) == "model-not-understood");
  budget.take(4);
}

TEST_CASE("constants are integers or real numbers") {
  const d::OnnxConstant integers({3}, std::vector<std::int64_t>{1, -2, 3});
  CHECK(integers.is_integer());
  CHECK(integers.reals() == std::vector<float>{1, -2, 3});
  CHECK_FALSE(integers.single());
  CHECK(integers.taken({2}, {2, 0}).integers() == std::vector<std::int64_t>{3, 1});
  const d::OnnxConstant reals({2}, std::vector<float>{0.5f, 0.5f});
  CHECK(reals.single() == 0.5f);
  const d::OnnxConstant row = reals.reshaped({1, 2});
  CHECK(row.shape() == d::OnnxShape{1, 2});
  CHECK(slug_of([&] { reals.integers(); }) == "model-not-understood");
}

TEST_CASE("tensors of other types are refused") {
  quench::interop::OnnxTensor tensor;
  tensor.type = quench::interop::OnnxType::String;
  CHECK(slug_of([&] { d::OnnxConstant constant(tensor); }) == "model-not-understood");
}
