// SPDX-License-Identifier: Apache-2.0
#include <quench/network/activations.hpp>

#include <doctest/doctest.h>

#include "network/calls.hpp"

namespace q = quench;
using q::Operator;
using q::Shape;

namespace {

template <class Activation>
constexpr bool keeps_the_shape(Operator op) {
  Calls calls;
  Activation activation;
  activation.module_index.value = 2;
  const q::Node& map = calls[activation(calls.input(Shape(5, 4, 3)))];
  const int line = __LINE__ - 1;
  const q::Node& vector = calls[activation(calls.input(Shape(7)))];
  return is_call(map, op, 2, line, Shape(5, 4, 3)) && is_call(vector, op, 2, line + 2, Shape(7));
}

constexpr bool each_keeps_the_shape() {
  return keeps_the_shape<q::ReLU>(Operator::ReLU) && keeps_the_shape<q::ReLU6>(Operator::ReLU6) &&
         keeps_the_shape<q::LeakyReLU>(Operator::LeakyReLU) && keeps_the_shape<q::Sigmoid>(Operator::Sigmoid) &&
         keeps_the_shape<q::Tanh>(Operator::Tanh) && keeps_the_shape<q::SiLU>(Operator::SiLU) &&
         keeps_the_shape<q::GELU>(Operator::GELU) && keeps_the_shape<q::HardSwish>(Operator::HardSwish) &&
         keeps_the_shape<q::HardSigmoid>(Operator::HardSigmoid) && keeps_the_shape<q::Clamp>(Operator::Clamp) &&
         keeps_the_shape<q::ELU>(Operator::ELU) && keeps_the_shape<q::Softplus>(Operator::Softplus) &&
         keeps_the_shape<q::Mish>(Operator::Mish) && keeps_the_shape<q::Abs>(Operator::Abs) &&
         keeps_the_shape<q::Square>(Operator::Square) && keeps_the_shape<q::Exp>(Operator::Exp) &&
         keeps_the_shape<q::Log>(Operator::Log) && keeps_the_shape<q::Sqrt>(Operator::Sqrt) &&
         keeps_the_shape<q::Rsqrt>(Operator::Rsqrt) && keeps_the_shape<q::Reciprocal>(Operator::Reciprocal) &&
         keeps_the_shape<q::Softmax>(Operator::Softmax);
}

constexpr bool hard_sigmoid_keeps_its_line() {
  q::Settings of_torch, of_onnx;
  of_torch.parameters[0] = 1.0f / 6;
  of_onnx.parameters[0] = 0.2f;
  of_torch.parameters[1] = of_onnx.parameters[1] = 0.5f;
  Calls calls;
  const q::Symbol x = calls.input(Shape(5));
  return same_settings(calls[q::HardSigmoid{}(x)].settings, of_torch) &&
         same_settings(calls[q::HardSigmoid{.alpha = 0.2f}(x)].settings, of_onnx);
}

constexpr bool settings_are_in_their_order() {
  q::Settings clamp, elu, softplus;
  clamp.parameters[0] = -1;
  clamp.parameters[1] = 2;
  elu.parameters[0] = 0.5f;
  softplus.parameters[0] = 2;
  softplus.parameters[1] = 20;
  Calls calls;
  const q::Symbol x = calls.input(Shape(5));
  return same_settings(calls[q::Clamp{.high = 2}(x)].settings, clamp) &&
         same_settings(calls[q::ELU{.alpha = 0.5f}(x)].settings, elu) &&
         same_settings(calls[q::Softplus{.beta = 2}(x)].settings, softplus);
}

constexpr bool leaky_relu_keeps_its_slope() {
  q::Settings standard, steep;
  standard.parameters[0] = 0.01f;
  steep.parameters[0] = 0.2f;
  Calls calls;
  const q::Symbol x = calls.input(Shape(5));
  return same_settings(calls[q::LeakyReLU{}(x)].settings, standard) &&
         same_settings(calls[q::LeakyReLU{.negative_slope = 0.2f}(x)].settings, steep);
}

}  // namespace

static_assert(each_keeps_the_shape());
static_assert(leaky_relu_keeps_its_slope());
static_assert(hard_sigmoid_keeps_its_line());
static_assert(settings_are_in_their_order());

TEST_CASE("activations keep the shape") { CHECK(each_keeps_the_shape()); }
TEST_CASE("a LeakyReLU keeps its slope") { CHECK(leaky_relu_keeps_its_slope()); }
