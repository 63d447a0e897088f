// SPDX-License-Identifier: Apache-2.0
#include <quench/types/operator.hpp>

#include <doctest/doctest.h>
#include <set>
#include <string>

using quench::Operator;
using quench::operator_count;

namespace {

std::set<std::string> names_that(bool (*property)(Operator)) {
  std::set<std::string> names;
  for (int i = 0; i < operator_count; ++i) {
    const auto op = static_cast<Operator>(i);
    if (property(op)) names.emplace(name_of(op).begin(), name_of(op).end());
  }
  return names;
}

using Names = std::set<std::string>;

constexpr bool is(Operator op, quench::TextView name) { return name_of(op) == name; }

constexpr bool layers_have_their_names() {
  return is(Operator::Input, "Input") && is(Operator::QuantStub, "QuantStub") &&
         is(Operator::DeQuantStub, "DeQuantStub") && is(Operator::Conv2d, "Conv2d") &&
         is(Operator::ConvTranspose2d, "ConvTranspose2d") && is(Operator::Linear, "Linear") &&
         is(Operator::BatchNorm2d, "BatchNorm2d") && is(Operator::ChannelAffine, "ChannelAffine") &&
         is(Operator::ReLU, "ReLU") && is(Operator::ReLU6, "ReLU6") && is(Operator::LeakyReLU, "LeakyReLU") &&
         is(Operator::PReLU, "PReLU") && is(Operator::Sigmoid, "Sigmoid") && is(Operator::Tanh, "Tanh") &&
         is(Operator::SiLU, "SiLU") && is(Operator::GELU, "GELU") && is(Operator::HardSwish, "HardSwish") &&
         is(Operator::HardSigmoid, "HardSigmoid") && is(Operator::Clamp, "Clamp") && is(Operator::ELU, "ELU") &&
         is(Operator::Softplus, "Softplus") && is(Operator::Mish, "Mish") && is(Operator::Abs, "Abs") &&
         is(Operator::Square, "Square") && is(Operator::Exp, "Exp") && is(Operator::Log, "Log") &&
         is(Operator::Sqrt, "Sqrt") && is(Operator::Rsqrt, "Rsqrt") && is(Operator::Reciprocal, "Reciprocal") &&
         is(Operator::Softmax, "Softmax") && is(Operator::LayerNorm, "LayerNorm") && is(Operator::RMSNorm, "RMSNorm") &&
         is(Operator::Embedding, "Embedding") && is(Operator::MaxPool2d, "MaxPool2d") &&
         is(Operator::AvgPool2d, "AvgPool2d") && is(Operator::GlobalAvgPool2d, "GlobalAvgPool2d") &&
         is(Operator::Upsample, "Upsample") && is(Operator::FloatFunctional, "FloatFunctional");
}
constexpr bool layers_of_sequences_have_their_names() {
  return is(Operator::Conv1d, "Conv1d") && is(Operator::ConvTranspose1d, "ConvTranspose1d") &&
         is(Operator::BatchNorm1d, "BatchNorm1d") && is(Operator::MaxPool1d, "MaxPool1d") &&
         is(Operator::AdaptiveMaxPool1d, "AdaptiveMaxPool1d") && is(Operator::AvgPool1d, "AvgPool1d") &&
         is(Operator::AdaptiveAvgPool1d, "AdaptiveAvgPool1d");
}
constexpr bool functions_have_their_names() {
  return is(Operator::Add, "add") && is(Operator::Sub, "sub") && is(Operator::Mul, "mul") && is(Operator::Cat, "cat") &&
         is(Operator::MatMul, "matmul") && is(Operator::AddReLU, "add_relu") && is(Operator::AddScalar, "add_scalar") &&
         is(Operator::MulScalar, "mul_scalar") && is(Operator::Maximum, "maximum") &&
         is(Operator::Minimum, "minimum") && is(Operator::Sum, "sum") && is(Operator::Mean, "mean") &&
         is(Operator::Flatten, "flatten") && is(Operator::Reshape, "reshape") && is(Operator::Permute, "permute") &&
         is(Operator::Slice, "slice") && is(Operator::Pad, "pad");
}

static_assert(layers_have_their_names());
static_assert(layers_of_sequences_have_their_names());
static_assert(functions_have_their_names());

}  // namespace

TEST_CASE("each operator has a name of its own") {
  CHECK(names_that([](Operator) { return true; }).size() == operator_count);
  CHECK(layers_have_their_names());
  CHECK(layers_of_sequences_have_their_names());
  CHECK(functions_have_their_names());
}

TEST_CASE("what may be called again, and what owns something") {
  CHECK(names_that(quench::is_trained) == Names{"Conv2d", "ConvTranspose2d", "Conv1d", "ConvTranspose1d", "Linear",
                                                "BatchNorm2d", "BatchNorm1d", "ChannelAffine", "PReLU", "LayerNorm",
                                                "RMSNorm", "Embedding"});
  CHECK(names_that(quench::has_integer_weights) ==
        Names{"Conv2d", "ConvTranspose2d", "Conv1d", "ConvTranspose1d", "Linear", "ChannelAffine"});
  CHECK(names_that(quench::rounds_weights) ==
        Names{"Conv2d", "ConvTranspose2d", "Conv1d", "ConvTranspose1d", "Linear"});
  CHECK(names_that(quench::is_shape_function) == Names{"flatten", "reshape", "permute", "slice", "pad"});
  CHECK(names_that(quench::keeps_input_scale) == Names{"flatten", "reshape", "permute", "slice", "pad", "ReLU", "ReLU6",
                                                       "MaxPool2d", "AdaptiveMaxPool2d", "MaxPool1d",
                                                       "AdaptiveMaxPool1d", "Upsample"});
  CHECK(names_that([](Operator op) { return !owns_output_scale(op) && !keeps_input_scale(op); }) ==
        Names{"Input", "DeQuantStub", "BatchNorm2d", "BatchNorm1d"});
  CHECK(names_that([](Operator op) { return quench::row_of(op).is_1d; }) ==
        Names{"Conv1d", "ConvTranspose1d", "MaxPool1d", "AdaptiveMaxPool1d", "AvgPool1d", "AdaptiveAvgPool1d"});
  CHECK(names_that([](Operator op) { return owns_output_scale(op) && !takes_qconfig(op); }) == Names{"mul_scalar"});
  CHECK(names_that([](Operator op) { return quench::row_of(op).begins_quantized; }) == Names{"QuantStub", "Embedding"});
  CHECK(names_that([](Operator op) { return quench::row_of(op).is_functional; }) ==
        Names{"add", "sub", "mul", "cat", "matmul", "add_relu", "add_scalar", "mul_scalar", "maximum", "minimum", "sum",
              "mean"});
}
