// SPDX-License-Identifier: Apache-2.0
// What firmware is told of inputs and outputs.
#include <quench/device/facts.hpp>

#include <doctest/doctest.h>

#include "device/two_kinds.hpp"
#include "device/weights.hpp"

namespace q = quench;
using Model = q::embedded::Model<many_operators::Weights>;

static_assert(Model::input_shape(0) == q::Shape(9, 8, 1) && Model::input_shape(1) == q::Shape(4, 6));
static_assert(Model::input_dtype(0) == q::DType::Int8 && Model::input_scale(1) == 0.5f);
static_assert(Model::input_name(0) == q::TextView("image") && Model::input_name(1) == q::TextView("side"));
static_assert(Model::output_shape(0) == q::Shape(3) && Model::output_shape(1) == q::Shape(2, 4, 8));
static_assert(Model::output_dtype(0) == q::DType::Int32 && Model::output_dtype(2) == q::DType::Int16);

TEST_CASE("an output has the name of the module that its values come from, also where they were moved since") {
  const Model model{};
  const q::TextView names[] = {"classifier", "up", "wide", "sum"};
  for (int i = 0; i < Model::output_count; ++i) CHECK(model.output_name(i) == names[i]);
}

TEST_CASE("inputs are listed as `run` takes them") {
  using Words = q::embedded::Model<two_kinds::Weights>;
  const q::Shape shapes[] = {q::Shape(3), q::Shape(2)};
  const q::DType dtypes[] = {q::DType::Int32, q::DType::Int8};
  const float scales[] = {0, 0.25f};
  const q::TextView names[] = {"Input", "numbers"};
  for (int i = 0; i < Words::input_count; ++i) {
    CHECK(Words::input_shape(i) == shapes[i]);
    CHECK(Words::input_dtype(i) == dtypes[i]);
    CHECK(Words::input_scale(i) == scales[i]);
    CHECK(Words::input_name(i) == names[i]);
  }
}
