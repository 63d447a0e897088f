// SPDX-License-Identifier: Apache-2.0
#include <quench/types/operator.hpp>

#include <doctest/doctest.h>
#include <set>
#include <string>

using quench::Operator;

namespace {

constexpr int operator_count = static_cast<int>(Operator::FloatFunctional) + 1;

std::set<std::string> all_that(bool (*property)(Operator)) {
  std::set<std::string> names;
  for (int i = 0; i < operator_count; ++i) {
    const auto op = static_cast<Operator>(i);
    if (property(op)) names.emplace(name_of(op).begin(), name_of(op).end());
  }
  return names;
}

using Names = std::set<std::string>;

}  // namespace

TEST_CASE("each operator has a name of its own") {
  CHECK(all_that([](Operator) { return true; }).size() == operator_count);
  CHECK(quench::name_of(Operator::Input) == quench::TextView("Input"));
  CHECK(quench::name_of(Operator::Upsample) == quench::TextView("Upsample"));
  CHECK(quench::name_of(Operator::MatMul) == quench::TextView("matmul"));
  CHECK(quench::name_of(Operator::Pad) == quench::TextView("pad"));
  CHECK(quench::name_of(Operator::FloatFunctional) == quench::TextView("FloatFunctional"));
}

TEST_CASE("what may be called again, and what owns something") {
  CHECK(all_that(quench::owns_parameters) == Names{"Conv2d", "ConvTranspose2d", "Linear", "BatchNorm2d"});
  CHECK(all_that(quench::is_shape_function) == Names{"flatten", "reshape", "permute", "slice", "pad"});
  CHECK(all_that(quench::keeps_input_scale) ==
        Names{"flatten", "reshape", "permute", "slice", "pad", "ReLU", "ReLU6", "MaxPool2d", "Upsample"});
  CHECK(all_that([](Operator op) { return !owns_output_scale(op) && !keeps_input_scale(op); }) ==
        Names{"Input", "DeQuantStub", "BatchNorm2d"});
  CHECK(all_that(quench::is_functional) == Names{"add", "sub", "mul", "cat", "matmul", "add_relu", "add_scalar", "mul_scalar",
                                                 "maximum", "minimum", "sum", "mean"});
}
