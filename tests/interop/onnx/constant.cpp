// SPDX-License-Identifier: Apache-2.0
#include <quench/interop/onnx/constant.hpp>

#include <doctest/doctest.h>

#include "interop/onnx_model.hpp"
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

TEST_CASE("a constant as a parameter, and one by one") {
  const std::vector<float> values{0.5f, -2};
  const d::OnnxConstant reals({2}, values);
  CHECK(reals.reshaped({2, 1}).parameter() == quench::interop::NamedArray::of<float>({2, 1}, values));
  CHECK(reals.each_real()[1] == -2);
  const d::OnnxConstant integers({1}, std::vector<std::int64_t>{3});
  CHECK(integers.parameter().values<float>() == std::vector<float>{3});
  CHECK(integers.each_real()[0] == 3);
  // 1 and -2 as they are in a file.
  const auto data = onnx_model::part(9, std::string("\0\0\x80\x3f\0\0\0\xc0", 8));
  const auto doubles = onnx_model::part(9, std::string("\0\0\0\0\0\0\xf0\x3f", 8));
  const auto graph = quench::interop::parse_onnx(
      onnx_model::file(onnx_model::small(onnx_model::part(5, onnx_model::tensor("t", 1, {2}, data)) +
                                         onnx_model::part(5, onnx_model::tensor("u", 11, {1}, doubles)))));
  const d::OnnxConstant raw(*graph.initializer("t")), wide(*graph.initializer("u"));
  CHECK(graph.initializer("t")->raw_floats().size() == 8);
  CHECK(graph.initializer("u")->raw_floats().empty());
  CHECK(raw.each_real()[1] == -2);
  CHECK(raw.reshaped({2, 1}).parameter().shape == std::vector<std::size_t>{2, 1});
  CHECK(raw.parameter().values<float>() == std::vector<float>{1, -2});
  CHECK(wide.each_real()[0] == 1);
  CHECK(wide.parameter().values<float>() == std::vector<float>{1});
}

TEST_CASE("tensors of other types are refused") {
  quench::interop::OnnxTensor tensor;
  tensor.type = quench::interop::OnnxType::String;
  CHECK(slug_of([&] { d::OnnxConstant constant(tensor); }) == "model-not-understood");
}
